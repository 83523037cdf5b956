"""For every test: no example of a property has a deadline, since what runs beside the tests would decide."""

from hypothesis import settings

settings.register_profile("openbook", deadline=None)
settings.load_profile("openbook")
