"""Asked to stop: what then breaks is the stop; what broke by itself, or can be mended by a person, stays what it is."""

import os
import signal

import pytest

from openbook.train.problems import TrainProblem
from openbook.train.stop import stopping


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_breaks_after_the_request_is_an_interrupt(number: int) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), stopping() as asked:
        assert not asked()
        os.kill(os.getpid(), number)
        assert asked()
        raise RuntimeError("the compiler was killed")
    assert signal.getsignal(number) is before


def test_other_faults_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="broken"), stopping():
        raise RuntimeError("broken")
    with pytest.raises(TrainProblem, match="disk"), stopping():
        os.kill(os.getpid(), signal.SIGTERM)
        raise TrainProblem("the disk is full: make room")
