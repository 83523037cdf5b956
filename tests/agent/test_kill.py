"""SIGKILL at random moments of a run: after it has gone on, each effect stands in its ledger exactly once."""

import sys

import pytest

from benchmarks.agent_kill import trials


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_no_effect_is_repeated_and_none_is_lost() -> None:
    kills, ends = trials(5, seed=1)
    assert len(kills) >= 5
    assert sum(end.repeated for end in ends) == 0
    assert sum(end.lost for end in ends) == 0
    assert all(end.whole for end in ends)
