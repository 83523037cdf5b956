"""Batches made ahead come in order, whatever the threads, and what fails is told at its own step."""

import threading
import time

import pytest

from openbook.train.ahead import ahead


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_each_step_gets_its_own_batch(threads: int) -> None:
    def make(step: int) -> int:
        time.sleep(0.002 * (step % 3))  # later steps are often ready before earlier ones
        return step * step

    with ahead(make, 5, 25, threads) as batches:
        assert [batches(step) for step in range(5, 25)] == [step * step for step in range(5, 25)]


def test_a_failure_is_told_at_its_step_and_ends_the_threads() -> None:
    def make(step: int) -> int:
        if step == 3:
            raise ValueError("no such picture")
        return step

    before = threading.active_count()
    with ahead(make, 0, 100, 2) as batches:
        assert [batches(step) for step in range(3)] == [0, 1, 2]
        with pytest.raises(ValueError, match="no such picture"):
            batches(3)
    assert threading.active_count() == before


def test_no_more_is_made_than_may_wait() -> None:
    made: list[int] = []
    with ahead(lambda step: made.append(step), 0, 1000, 2) as batches:
        batches(0)
        time.sleep(0.05)
        assert len(made) <= 6
