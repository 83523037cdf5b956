"""Batches: each token once an epoch, the same for the same seed and step, nothing foretold across documents."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.train.batches import Windows
from openbook.train.loss import IGNORED
from openbook.train.problems import TrainProblem
from openbook.train.shards import Shards, write_shards


def shards(folder: Path, *lengths: int) -> Shards:
    """Documents of these lengths over the numbers 0, 1, 2, … in order: a token is its own place."""
    total, documents = 0, []
    for length in lengths:
        documents.append([np.arange(total, total + length)])
        total += length
    return write_shards(folder / "tokens", documents, total, shard_tokens=37)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Shards:
    return shards(tmp_path_factory.mktemp("one"), 1000)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Shards:
    return shards(tmp_path_factory.mktemp("many"), 40, 3, 1, 100, 56, 20)


def test_targets_are_the_next_tokens(one: Shards) -> None:
    batch = Windows(one, 0, 900, 16).training(0, 3, 8, 0, 8)
    assert torch.equal(batch.targets, batch.ids + 1)
    assert batch.documents is None
    assert batch.count == 8 * 16


@given(seed=st.integers(0, 2**40), epoch=st.integers(0, 5), context=st.integers(1, 60))
@settings(max_examples=30, deadline=None)
def test_an_epoch_shows_each_window_once(one: Shards, seed: int, epoch: int, context: int) -> None:
    windows = Windows(one, 100, 900, context)
    batch = windows.training(seed, epoch, windows.visits, 0, windows.visits)
    starts = sorted(int(row[0]) for row in batch.ids)
    assert len(set(starts)) == windows.visits
    assert {(start - starts[0]) % context for start in starts} == {0}
    assert starts[0] >= 100
    assert starts[-1] + context < 900
    assert windows.visits >= (800 - 1) // context - 1


def test_epochs_differ_in_offset_and_order(one: Shards) -> None:
    windows = Windows(one, 0, 1000, 16)
    first, second = (windows.training(0, epoch, windows.visits, 0, windows.visits).ids[:, 0] for epoch in (0, 1))
    assert not torch.equal(first.sort().values, second.sort().values)
    assert not torch.equal(first.argsort(), second.argsort())


def test_a_batch_depends_on_seed_and_step_alone(one: Shards) -> None:
    late = Windows(one, 0, 1000, 16).training(5, 400, 4, 0, 4)
    windows = Windows(one, 0, 1000, 16)
    for step in (3, 401, 7):
        windows.training(5, step, 4, 0, 4)
    assert torch.equal(windows.training(5, 400, 4, 0, 4).ids, late.ids)
    assert not torch.equal(windows.training(6, 400, 4, 0, 4).ids, late.ids)


def test_shares_of_a_step_are_its_rows(one: Shards) -> None:
    windows = Windows(one, 0, 1000, 16)
    whole = windows.training(0, 2, 6, 0, 6).ids
    parts = [windows.training(0, 2, 6, first, first + 2).ids for first in (0, 2, 4)]
    assert torch.equal(torch.cat(parts), whole)


@pytest.mark.parametrize("packed", [True, False])
def test_evaluation_has_each_token_but_a_documents_first_as_target_once(many: Shards, packed: bool) -> None:
    windows = Windows(many, 40, many.tokens, 16, packed)
    batch = windows.evaluation(0, windows.evaluations)
    targets = batch.targets[batch.targets != IGNORED]
    firsts = set(many.starts.tolist())
    assert sorted(targets.tolist()) == [place for place in range(40, many.tokens) if place not in firsts]
    assert batch.count == len(targets)


def test_packed_rows_know_their_documents(many: Shards) -> None:
    batch = Windows(many, 0, many.tokens, 24).evaluation(0, 2)
    assert batch.documents is not None
    assert batch.documents[1, :].tolist() == [1] * 16 + [2] * 3 + [3] + [4] * 4
    assert batch.targets[1, 15:21].tolist() == [IGNORED, 41, 42, IGNORED, IGNORED, 45]


def test_unpacked_rows_hold_one_document_and_padding(many: Shards) -> None:
    windows = Windows(many, 0, many.tokens, 24, packed=False)
    batch = windows.evaluation(0, windows.evaluations)
    assert batch.documents is None
    counts = (batch.targets != IGNORED).sum(dim=1).tolist()
    assert counts == [24, 15, 2, 24, 24, 24, 24, 3, 24, 24, 7, 19]
    assert windows.visits == len(counts)


def test_the_end_of_a_part_is_its_end(many: Shards) -> None:
    windows = Windows(many, 0, 60, 16, packed=False)
    batch = windows.evaluation(0, windows.evaluations)
    assert int(batch.ids.max()) == 58
    assert int(batch.targets.max()) == 59


@pytest.mark.parametrize("length", [0, 1, 16])
def test_a_part_shorter_than_a_row_is_refused(one: Shards, length: int) -> None:
    with pytest.raises(TrainProblem, match=f"has {length} tokens and one row needs 17"):
        Windows(one, 0, length, 16)
    assert Windows(one, 0, 17, 16).training(0, 9, 1, 0, 1).ids.tolist() == [list(range(16))]
