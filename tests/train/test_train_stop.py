"""Asked to stop: what then breaks is the stop; what broke by itself, or can be mended by a person, stays what it is."""

import os
import signal

import pytest

from openbook.train.problems import TrainProblem
from openbook.train.stop import stopping


def broken(error: Exception, number: int | None) -> None:
    """number: of the signal before it breaks."""
    with stopping() as asked:
        if number is not None:
            os.kill(os.getpid(), number)
        assert asked() == (number is not None)
        raise error


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_breaks_after_the_request_is_an_interrupt(number: int) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt):
        broken(RuntimeError("the compiler was killed"), number)
    assert signal.getsignal(number) is before


def test_other_faults_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="broken"):
        broken(RuntimeError("broken"), None)
    with pytest.raises(TrainProblem, match="disk"):
        broken(TrainProblem("the disk is full: make room"), signal.SIGTERM)
