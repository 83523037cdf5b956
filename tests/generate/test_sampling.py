"""Temperature, top-k, top-p and the draw: what they keep, their ties, their limits, and parity with transformers."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from transformers import (
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from openbook.errors import OpenbookError
from openbook.generate.sampling import (
    choose,
    kept,
    likeliest,
    log_probabilities,
    min_p,
    repetition_penalty,
    tempered,
    top_k,
    top_p,
)
from openbook.values import Decoding

FINITE = st.floats(-30, 30, width=32)
SCORES = arrays(np.float64, st.integers(1, 40), elements=FINITE)
TIED = arrays(np.float64, st.integers(1, 40), elements=st.integers(-2, 2).map(float))


def alive(scores: np.ndarray) -> set[int]:
    return set(np.flatnonzero(np.isfinite(scores)).tolist())


@given(SCORES)
def test_probabilities_sum_to_one_and_equal_torch(scores: np.ndarray) -> None:
    found = log_probabilities(scores)
    assert np.exp(found).sum() == pytest.approx(1)
    assert np.allclose(found, torch.tensor(scores).log_softmax(0).numpy(), atol=1e-12)


@given(TIED, st.integers(0, 50))
def test_top_k_keeps_the_k_largest_and_what_ties_with_the_last(scores: np.ndarray, k: int) -> None:
    found = alive(top_k(scores, k))
    if not 0 < k < scores.size:
        assert found == set(range(scores.size))
    else:
        least = sorted(scores, reverse=True)[k - 1]
        assert found == set(np.flatnonzero(scores >= least).tolist())


@given(TIED, st.floats(0.01, 1))
def test_top_p_keeps_the_smallest_set_that_reaches_p(scores: np.ndarray, p: float) -> None:
    probabilities = np.exp(log_probabilities(scores))
    found = alive(top_p(scores, p))
    assert int(scores.argmax()) in found
    if p < 1:
        order = sorted(range(scores.size), key=lambda n: (-scores[n], n))
        assert found == set(order[: len(found)])
        assert sum(probabilities[n] for n in found) >= p - 1e-9
        assert sum(probabilities[n] for n in order[: len(found) - 1]) < p + 1e-9


@given(st.lists(st.integers(-400, 400), min_size=1, max_size=40, unique=True), st.floats(0.2, 3), st.integers(1, 50),
       st.floats(0.05, 0.999), st.floats(0.001, 1))  # fmt: skip
def test_what_is_kept_equals_transformers(drawn: list[int], temperature: float, k: int, p: float, share: float) -> None:
    scores = np.array(drawn) / 40
    theirs = torch.tensor(scores)[None]
    for warper in (TemperatureLogitsWarper(temperature), TopKLogitsWarper(k), TopPLogitsWarper(p)):
        before, theirs = theirs, warper(None, theirs)
    cumulative = before.softmax(-1).sort(descending=True).values.cumsum(-1)
    probabilities = theirs.softmax(-1)
    near = (probabilities - share * probabilities.max()).abs() < 1e-9 * share
    if bool(((cumulative - p).abs() < 1e-9).any()) or bool(near.any()):  # whose last digit decides
        return
    theirs = MinPLogitsWarper(share)(None, theirs)
    ours = kept(scores, Decoding(temperature=temperature, top_k=k, top_p=p, min_p=share))
    assert alive(ours) == alive(theirs[0].numpy())
    assert np.allclose(np.exp(log_probabilities(ours)), theirs[0].softmax(-1).numpy(), atol=1e-12)


@given(SCORES, st.floats(0, 1))
def test_min_p_keeps_what_is_so_likely_beside_the_likeliest(scores: np.ndarray, share: float) -> None:
    probabilities = np.exp(scores - scores.max())
    assert alive(min_p(scores, share)) == set(np.flatnonzero(probabilities >= share).tolist())


@given(SCORES, st.lists(st.integers(0, 39), max_size=60), st.floats(0.1, 5))
def test_the_penalty_equals_transformers(scores: np.ndarray, drawn: list[int], penalty: float) -> None:
    ids = [number for number in drawn if number < scores.size]
    theirs = RepetitionPenaltyLogitsProcessor(penalty)(
        torch.tensor([ids], dtype=torch.long), torch.tensor(scores)[None]
    )
    assert np.array_equal(repetition_penalty(scores, ids, penalty), theirs[0].numpy())


def test_a_token_beyond_the_scores_is_no_fault() -> None:
    assert repetition_penalty(np.array([2.0, -2.0, 1.0]), [0, 1, 7], 2.0).tolist() == [1.0, -4.0, 1.0]


@given(TIED, st.integers(0, 2**32))
def test_greedy_takes_the_first_of_the_likeliest_whatever_the_seed(scores: np.ndarray, seed: int) -> None:
    assert choose(scores, Decoding(), np.random.default_rng(seed)) == int(scores.argmax())


@given(st.lists(st.integers(-400, 400), min_size=1, max_size=40, unique=True), st.integers(0, 2**32))
def test_a_temperature_near_zero_equals_greedy(drawn: list[int], seed: int) -> None:
    scores = np.array(drawn, np.float64)
    for temperature in (1e-3, 1e-300):
        chosen = choose(scores, Decoding(temperature=temperature), np.random.default_rng(seed))
        assert chosen == int(scores.argmax())


@given(SCORES, st.integers(0, 2**32), st.integers(0, 5), st.floats(0.1, 1))
def test_a_seed_repeats_its_draw_and_only_kept_tokens_are_drawn(
    scores: np.ndarray, seed: int, k: int, p: float
) -> None:
    decoding = Decoding(temperature=1.3, top_k=k, top_p=p)
    first, second = (choose(scores, decoding, np.random.default_rng(seed)) for _ in range(2))
    assert first == second
    assert first in alive(kept(scores, decoding))


def test_draws_follow_the_probabilities() -> None:
    scores = np.log(np.array([0.5, 0.3, 0.0001, 0.1999]))
    rng, decoding = np.random.default_rng(0), Decoding(temperature=1.0)
    counts = Counter(choose(scores, decoding, rng) for _ in range(20_000))
    assert counts[0] / 20_000 == pytest.approx(0.5, abs=0.02)
    assert counts[1] / 20_000 == pytest.approx(0.3, abs=0.02)
    flat = Counter(choose(scores, Decoding(temperature=1e6), rng) for _ in range(4_000))
    assert min(flat.values()) > 800


@given(TIED, st.integers(0, 50))
def test_the_likeliest_come_best_first_and_ties_by_id(scores: np.ndarray, count: int) -> None:
    order = sorted(range(scores.size), key=lambda n: (-scores[n], n))
    assert likeliest(scores, count) == order[:count]


def test_temperature_one_changes_no_probability() -> None:
    scores = np.array([3.0, -1.0, 0.5])
    assert np.allclose(log_probabilities(tempered(scores, 1.0)), log_probabilities(scores))


@pytest.mark.parametrize("scores", [[np.nan, 1.0], [-np.inf, -np.inf], [np.inf, 0.0]])
def test_scores_that_are_none_are_said(scores: list[float]) -> None:
    with pytest.raises(OpenbookError, match="no numbers"):
        choose(np.array(scores), Decoding(), np.random.default_rng(0))
