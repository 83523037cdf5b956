"""For every test: no example of a property has a deadline, since what runs beside the tests would decide.

The examples are the same in every run, so that a red run is a change's doing and not chance's; new ones are drawn with
`pytest --hypothesis-profile=explore`.
"""

from hypothesis import settings

settings.register_profile("openbook", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("openbook")
