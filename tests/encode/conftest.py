import pytest

from openbook.encode import SentenceEncoder, open_encoder


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    """The shipped encoder on two threads, whatever the machine has."""
    return open_encoder(threads=2)
