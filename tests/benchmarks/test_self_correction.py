"""The scripted model does every task where nothing goes wrong, and a false belief goes only where it is told."""

import pytest

from benchmarks.fallible import Rates
from benchmarks.self_correction import PLANS, STEPS, succeeds, tasks

EVERY = {**{f"steps, {name}": arm for name, arm in STEPS.items()}, **{f"plan, {name}": a for name, a in PLANS.items()}}


@pytest.mark.parametrize("arm", EVERY)
def test_without_mistakes_every_task_is_done(arm: str) -> None:
    assert all(succeeds(task, EVERY[arm], Rates(), 0)[0] for task in list(tasks())[:4])


@pytest.mark.parametrize("arm", EVERY)
def test_a_false_belief_is_mended_by_being_told_and_not_by_being_asked_again(arm: str) -> None:
    good = [succeeds(task, EVERY[arm], Rates(belief=1.0), 0)[0] for task in list(tasks())[:4]]
    assert all(good) if "told" in arm.replace("untold", "") else not any(good)


def test_what_timed_out_is_repaired() -> None:
    task = next(iter(tasks()))
    without, told = (
        [succeeds(task, PLANS[arm], Rates(time_out=0.5), seed)[0] for seed in range(6)]
        for arm in ("told", "told and repaired")
    )
    assert sum(without) < sum(told)
