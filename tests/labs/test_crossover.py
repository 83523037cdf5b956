"""The verdict follows its rule, and the interval covers what it should."""

import numpy as np
import pytest

from openbook.evaluate.scores import BadScores
from openbook.labs.crossed import Spread, crossed_bootstrap
from openbook.labs.discriminative_generative.crossover import Advantage, advantage, crossover

SIZES = (30, 100, 300, 1000)


def found(signs: str) -> list[Advantage]:
    """+ the discriminative one is better, - the generative one, 0 neither is shown."""
    bounds = {"+": (0.01, 0.05), "-": (-0.05, -0.01), "0": (-0.02, 0.02)}
    return [
        Advantage(size, sum(bounds[sign]) / 2, *bounds[sign], sure=bounds[sign])
        for size, sign in zip(SIZES, signs, strict=True)
    ]


@pytest.mark.parametrize(
    ("signs", "kind", "size"),
    [
        ("-0++", "crossover", 300),
        ("-0+0", "crossover", 300),
        ("--0+", "crossover", 1000),
        ("00++", "discriminative", 300),
        ("++++", "discriminative", 30),
        ("--00", "generative", 30),
        ("0000", "none", None),
        ("++--", "mixed", None),
        ("-+-+", "mixed", None),
    ],
)
def test_the_rule(signs: str, kind: str, size: int | None) -> None:
    verdict = crossover(found(signs), "LR", "NB")
    assert (verdict.kind, verdict.size) == (kind, size)
    assert verdict.sentence.endswith(".")
    assert ("Crossover at" in verdict.sentence) == (kind == "crossover")


def test_what_excludes_zero_alone_but_not_with_all_sizes_is_not_better() -> None:
    means = np.sort(np.random.default_rng(0).normal(0.022, 0.01, 4000))
    one = advantage(30, Spread(0.022, means), sizes=4)
    assert one.low > 0
    assert one.sure[0] < 0
    assert one.better == "neither"


def test_the_crossed_interval_covers_the_mean_where_an_interval_over_texts_does_not() -> None:
    rng = np.random.default_rng(1)
    covered = {"crossed": 0, "texts": 0}
    for trial in range(60):
        scores = 0.05 * rng.normal(size=(6, 1)) + 0.3 * rng.normal(size=(1, 150)) + 0.3 * rng.normal(size=(6, 150))
        for name, seen in (("crossed", scores), ("texts", scores.mean(axis=0, keepdims=True))):
            low, high = crossed_bootstrap(seen, resamples=400, seed=trial).interval()
            covered[name] += low <= 0 <= high
    assert covered["crossed"] >= 53
    assert covered["texts"] < covered["crossed"]


def test_one_sample_is_an_interval_over_texts() -> None:
    scores = np.array([[0.0, 1.0] * 50])
    low, high = crossed_bootstrap(scores).interval()
    assert (low, high) == pytest.approx((0.4, 0.6), abs=0.03)
    assert crossed_bootstrap(np.ones((3, 5), bool)).interval() == (1.0, 1.0)


@pytest.mark.parametrize("scores", [np.zeros((0, 3)), np.zeros(3), np.full((2, 2), np.nan)])
def test_no_scores_no_interval(scores: np.ndarray) -> None:
    with pytest.raises(BadScores):
        crossed_bootstrap(scores)
