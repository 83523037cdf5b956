"""Biases that were built in are found, as large as they were built in, and none is found where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression

from openbook.evaluate.agreement import pearson, spearman
from openbook.evaluate.audit.halves import crossed, first_half
from openbook.evaluate.audit.isotonic import isotonic
from openbook.evaluate.audit.judge_calibration import curve, judge_calibration
from openbook.evaluate.audit.length_bias import length_bias, partial_correlation, without_length
from openbook.evaluate.audit.longer import longer
from openbook.evaluate.audit.null_answer import NullScore, null_scores, null_verdicts
from openbook.evaluate.audit.scale_use import scale_use
from openbook.evaluate.judge_agreement import Scored
from openbook.evaluate.position_bias import Compared

DOCUMENTS, EACH = 60, 8


def scored(by_length: float, seed: int = 0) -> list[Scored]:
    """A judge that adds ``by_length`` a word to what people say, and noise."""
    rng = np.random.default_rng(seed)
    rows: list[Scored] = []
    for document in range(DOCUMENTS):
        for system in range(EACH):
            length, human = float(rng.integers(20, 80)), rng.normal(3, 1)
            score = human + by_length * (length - 50) + rng.normal(0, 0.7)
            rows.append(Scored("j", "d", f"d{document}", f"s{system}", score, human, length))
    return rows


def test_a_judge_that_likes_length_is_seen_and_corrected() -> None:
    found = length_bias(scored(0.05))
    assert found is not None
    assert found.interval is not None
    assert found.interval.low > 0.4
    assert found.controlled is not None
    assert found.controlled.partial_after == pytest.approx(0, abs=0.06)
    agreement = found.controlled.agreement
    assert agreement.difference is not None
    assert agreement.p_value is not None
    assert agreement.difference.low > 0.05
    assert agreement.p_value < 0.01


def test_a_judge_that_does_not_is_left_as_it_is() -> None:
    found = length_bias(scored(0.0, seed=3))
    assert found is not None
    assert found.interval is not None
    assert found.interval.low <= 0 <= found.interval.high
    assert found.controlled is not None
    assert found.controlled.agreement.difference is not None
    assert abs(found.controlled.agreement.difference.value) < 0.01


def test_length_that_people_like_too_is_no_bias() -> None:
    rows = [
        Scored(r.judge, r.dimension, r.document, r.system, r.score, r.human + 0.05 * ((r.length or 0) - 50), r.length)
        for r in scored(0.05, seed=1)
    ]
    found = length_bias(rows)
    assert found is not None
    assert found.judged is not None
    assert found.judged > 0.4
    assert found.partial is not None
    assert abs(found.partial) < 0.12


@given(st.lists(st.tuples(*[st.integers(-6, 6)] * 3), min_size=5, max_size=40))
def test_partial_correlation_is_the_correlation_of_residuals(rows: list) -> None:
    left, right, held = (np.array(column, float) for column in zip(*rows, strict=True))
    found = partial_correlation(pearson, left, right, held)
    if found is None:
        return
    residual = [one - LinearRegression().fit(held[:, None], one).predict(held[:, None]) for one in (left, right)]
    if min(np.abs(one).max() for one in residual) > 1e-6:
        assert found == pytest.approx(stats.pearsonr(*residual).statistic, abs=1e-6)
    assert partial_correlation(spearman, left, right, held) == partial_correlation(spearman, right, left, held)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(-20, 20)), min_size=1, max_size=50))
def test_isotonic_is_scikit_learns(rows: list) -> None:
    x, y = (np.array(column, float) for column in zip(*rows, strict=True))
    places, values = isotonic(x, y)
    expected = IsotonicRegression(out_of_bounds="clip").fit(x, y)
    new = np.linspace(-1, 7, 33)
    assert np.interp(new, places, values) == pytest.approx(expected.predict(new), abs=1e-9)
    assert (np.diff(values) >= 0).all()


@given(st.integers(4, 60), st.integers(0, 20))
def test_halves_share_no_document_and_every_text_is_reported_once(documents: int, seed: int) -> None:
    owner = np.random.default_rng(seed).integers(0, documents, size=3 * documents)
    owner[:documents] = np.arange(documents)
    half = first_half(owner, seed)
    assert not set(owner[half]) & set(owner[~half])
    assert len(set(owner[half])) == documents // 2

    def fitted(fit: np.ndarray, reported: np.ndarray) -> np.ndarray:
        assert not set(owner[fit]) & set(owner[reported])
        return owner[reported].astype(float)

    assert crossed(fitted, owner, seed).tolist() == owner.tolist()


def test_a_judge_on_another_scale_is_mapped_back() -> None:
    rows = [Scored("j", "d", r.document, r.system, 20 * r.score + 7, r.human) for r in scored(0.0)]
    found = judge_calibration(rows)
    assert found.bias == pytest.approx(np.mean([r.score - r.human for r in rows]))
    assert found.raw > 40
    assert found.linear is not None
    assert found.constant is not None
    assert found.isotonic is not None
    assert found.linear < found.isotonic + 0.02 < found.constant  # the truth is a line
    assert found.spread is not None
    assert found.spread[0] <= found.isotonic <= found.spread[1]
    assert found.p_value is not None
    assert found.p_value < 0.001


def test_a_judge_that_knows_nothing_gains_nothing_over_the_mean() -> None:
    rng = np.random.default_rng(0)
    rows = [
        Scored("j", "d", f"d{n // 4}", "", float(rng.integers(1, 6)), float(rng.integers(1, 6))) for n in range(400)
    ]
    found = judge_calibration(rows)
    assert found.isotonic is not None
    assert found.constant is not None
    assert found.isotonic > found.constant - 0.03


def test_few_documents_are_not_split() -> None:
    rows = [Scored("j", "d", f"d{n % 3}", f"s{n}", n % 5, n % 4) for n in range(30)]
    found = judge_calibration(rows)
    assert (found.isotonic, found.p_value) == (None, None)
    assert found.raw == pytest.approx(np.mean([abs(n % 5 - n % 4) for n in range(30)]))


def test_the_curve_holds_peoples_means() -> None:
    rows = [Scored("j", "d", f"d{n}", "", float(1 + n % 2), float(1 + n % 4)) for n in range(40)]
    assert [(p.score, p.people, p.n) for p in curve(rows)] == [(1, 2, 20), (2, 3, 20)]
    wide = curve(scored(0.0))
    assert 8 <= len(wide) <= 10
    assert sum(point.n for point in wide) == DOCUMENTS * EACH


def test_use_of_the_scale() -> None:
    rows = [Scored("j", "d", "", "", 5.0 if n else 4.0, float(1 + n % 5)) for n in range(20)]
    found = scale_use(rows, (1, 5))
    assert found.steps == (1, 2, 3, 4, 5)
    assert found.shares == pytest.approx((0, 0, 0, 0.05, 0.95))
    assert found.favourite == (5, pytest.approx(0.95))
    assert found.people_entropy == pytest.approx(1)
    assert found.entropy == pytest.approx(stats.entropy([0.05, 0.95]) / np.log(5))
    assert scale_use([Scored("j", "d", "", "", 3.0, 3.0)]).entropy == 0


def test_the_longer_text() -> None:
    """A judge that takes the longer always, beside people who do half of the time."""
    rows = [
        Compared("j", "d", 1 + n % 2, 1 + n % 2, 1 + n // 2 % 2, f"d{n}", (90.0, 40.0) if n % 2 == 0 else (40.0, 90.0))
        for n in range(40)
    ]
    found = longer(rows)
    assert found is not None
    assert found.judged is not None
    assert found.people is not None
    assert found.p_value is not None
    assert (found.judged.value, found.people.value) == (1.0, 0.5)
    assert found.p_value < 0.001
    assert longer([Compared("j", "d", 1, 1, 1, "", (5.0, 5.0))]) is None
    assert longer([Compared("j", "d", 1, 1, 1)]) is None


def test_an_answer_that_says_nothing() -> None:
    real = [Scored("j", "d", f"d{n // 4}", f"s{n % 4}", n % 4 + 1, 3.0) for n in range(40)]  # 1 2 3 4, median 2.5
    fooled = null_scores([NullScore("j", "d", f"d{n}", 3.0) for n in range(10)], real)
    assert fooled is not None
    assert fooled.at_median is not None
    assert (fooled.at_median.value, fooled.wins) == (1.0, 0.625)  # over 1 and 2, beside 3, below 4
    firm = null_scores([NullScore("j", "d", "", 1.0)], real)
    assert firm is not None
    assert (firm.wins, firm.interval) == (0.125, None)
    assert null_scores([], real) is None
    pairs = [Compared("j", "d", 1, 2, None, null=1), Compared("j", "d", 2, 2, None, null=2)]
    told = null_verdicts(pairs)
    assert told is not None
    assert told.wins == 0.75


def test_the_slope_is_that_of_least_squares_on_the_other_half() -> None:
    rows = scored(0.03, seed=5)
    score, human, length = (
        np.array(column, float) for column in zip(*((r.score, r.human, r.length) for r in rows), strict=True)
    )
    owner = np.repeat(np.arange(DOCUMENTS), EACH)
    found, half = without_length(score, length, human, owner, seed=2), first_half(owner, 2)
    for reported in (half, ~half):
        fit = ~reported
        fitted = LinearRegression().fit(np.stack([human, length], axis=1)[fit], score[fit])
        taken = fitted.coef_[1] * (length[reported] - length[fit].mean())
        assert found[reported] == pytest.approx(score[reported] - taken)
    assert without_length(score, np.ones(score.size), human, owner).tolist() == score.tolist()
