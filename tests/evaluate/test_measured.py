"""Whole corpora from sums: intervals, tests and streams are those of the texts, and memory does not grow with text."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.cli.eval_input import Asked, judged
from openbook.evaluate import measured as module
from openbook.evaluate import sums
from openbook.evaluate.measured import Part, differences, measured
from openbook.evaluate.overlap import MEASURES, OverlapSettings, overlap_measures
from openbook.evaluate.overlap import measured as measured_by_name
from openbook.evaluate.significance import exact_randomisation
from openbook.evaluate.sums import bootstrap_difference, bootstrap_sum, mean_of, swapped_sums, with_ones

WORDS = np.array("the a cat dog sat on mat barked at one two three".split())


def corpus(texts: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(WORDS[rng.integers(len(WORDS), size=rng.integers(3, 12))]) for _ in range(texts)]


def test_a_stream_in_parts_is_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = corpus(60), [[reference] for reference in corpus(60, 1)]
    whole = measured_by_name(ours, theirs)
    measures, counted = overlap_measures(MEASURES)
    parts: list[Part] = []
    found = measured(zip(iter(ours), iter(theirs), strict=True), measures, counted, parts.append, at_once=7)
    assert [part.first for part in parts] == list(range(0, 60, 7))
    assert [text for part in parts for text in part.texts] == ours
    monkeypatch.setattr(module, "MOST_CHARACTERS", 1)  # every text by itself
    for one, again, alone in zip(whole, found, measured_by_name(ours, theirs), strict=True):
        assert (one.score, one.interval, one.signature) == (again.score, again.interval, again.signature)
        assert one.each.tolist() == again.each.tolist() == alone.each.tolist()
        assert one.score == alone.score
    assert whole[0].score == pytest.approx(sacrebleu.corpus_bleu(ours, [[r for (r,) in theirs]]).score, abs=1e-9)


def test_more_texts_than_rows_give_nearly_the_same_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = corpus(3_000), [[reference] for reference in corpus(3_000, 1)]
    whole = measured_by_name(ours, theirs, ["bleu", "chrf", "rougeL"])
    monkeypatch.setattr(module, "GROUPS", 500)
    for one, few in zip(whole, measured_by_name(ours, theirs, ["bleu", "chrf", "rougeL"]), strict=True):
        assert few.sums.shape[0] == 500
        assert few.score == pytest.approx(one.score, abs=1e-9)
        assert len(few.each) == one.interval.n == few.interval.n == 3_000
        widths = [each.interval.high - each.interval.low for each in (one, few)]
        assert widths[1] == pytest.approx(widths[0], rel=0.15)


def test_memory_does_not_grow_with_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve times the text: what is kept of a text is 8 bytes a measure, and the rows are of a fixed number."""
    monkeypatch.setattr(module, "GROUPS", 500)
    words = " ".join(corpus(200))
    peaks: list[int] = []
    for texts in (1_000, 12_000):
        names = [str(tmp_path / f"{texts}.{kind}") for kind in ("texts", "references")]
        for step, name in enumerate(names):
            lines = (f"{n} {words[step + n % 500 : n % 500 + 300]}\n" for n in range(texts))
            Path(name).write_text("".join(lines), encoding="utf-8")
        asked = Asked(names[0], names[1:], None, ["rouge1", "rougeL"], OverlapSettings(), False, False, worst=3)
        tracemalloc.start()
        found = judged(asked, quiet=True)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (found.texts, len(found.lowest)) == (texts, 3)
    grown, read = peaks[1] - peaks[0], 11_000 * 2 * 300
    assert grown < read / 6, peaks


mean = mean_of("m", str)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=9), st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_random_swaps_come_near_to_all_swaps(pairs: list[tuple[int, int]], seed: int) -> None:
    first, second = (np.array(side, float) for side in zip(*pairs, strict=True))
    exact = exact_randomisation(first, second)
    found = swapped_sums(with_ones(first), with_ones(second), mean.score, seed=seed)
    assert found == pytest.approx(exact.p_value, abs=0.03)


def test_a_difference_of_systems_that_are_alike_is_found_as_rarely_as_stated() -> None:
    rng = np.random.default_rng(0)
    found = [
        swapped_sums(with_ones(rng.normal(size=30)), with_ones(rng.normal(size=30)), mean.score) for _ in range(200)
    ]
    assert np.mean(np.array(found) <= 0.05) < 0.1


def test_an_interval_of_sums_is_that_of_the_mean() -> None:
    rng = np.random.default_rng(1)
    values, others = rng.normal(5, 2, 400), rng.normal(5, 2, 400)
    interval = bootstrap_sum(with_ones(values), mean.score, 400)
    half = 1.96 * values.std() / 20
    assert (interval.low, interval.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.05)
    between = bootstrap_difference(with_ones(values), with_ones(others), mean.score, 400)
    half = 1.96 * (values - others).std() / 20
    assert between.value == pytest.approx(values.mean() - others.mean())
    assert (between.low, between.high) == pytest.approx((between.value - half, between.value + half), abs=0.06)
    assert bootstrap_sum(with_ones(values[:1]), mean.score, 1) is None
    assert bootstrap_difference(with_ones(values[:1]), with_ones(others[:1]), mean.score, 1) is None


def test_differences_are_adjusted_for_their_number_and_pieces_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    measures, counted = overlap_measures(["bleu", "chrf", "rouge1"])
    theirs = [[reference] for reference in corpus(50, 1)]
    first, second = (
        measured(zip(texts, theirs, strict=True), measures, counted) for texts in (corpus(50), corpus(50, 2))
    )
    found = differences(measures, first, second)
    assert all(one.p_value <= one.adjusted <= 1 for one in found)
    assert max(one.adjusted for one in found) >= min(1, 3 * min(one.p_value for one in found))
    monkeypatch.setattr(sums, "_CELLS", 50 * 7)
    again = differences(measures, first, second)
    for one, other in zip(found, again, strict=True):
        assert other.p_value == pytest.approx(one.p_value, abs=0.03)
