"""Correlations are scipy's; alpha is Krippendorff's own examples'; recorded judgements give the published figures."""

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from openbook.evaluate.agreement import kendall, krippendorff_alpha, pearson, ranks, spearman
from openbook.evaluate.judge_agreement import Scored, agreements
from openbook.evaluate.position_bias import Compared, swaps

DATA = Path(os.environ.get("OPENBOOK_DATA", Path(__file__).parents[3] / "shared" / "data"))

columns = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40)


@given(columns)
def test_correlations_are_scipys(rows: list[tuple[int, int]]) -> None:
    left, right = (np.array(column, float) for column in zip(*rows, strict=True))
    if len(set(left.tolist())) == 1 or len(set(right.tolist())) == 1:
        assert (pearson(left, right), spearman(left, right), kendall(left, right)) == (None, None, None)
        return
    assert pearson(left, right) == pytest.approx(stats.pearsonr(left, right).statistic, abs=1e-12)
    assert spearman(left, right) == pytest.approx(stats.spearmanr(left, right).statistic, abs=1e-12)
    assert kendall(left, right) == pytest.approx(stats.kendalltau(left, right).statistic, abs=1e-12)
    assert ranks(left) == pytest.approx(stats.rankdata(left))


def test_alpha_is_krippendorffs_own() -> None:
    """The reliability data of "Computing Krippendorff's Alpha-Reliability" (2011), sections C and D."""
    observers = [
        "1 2 3 3 2 1 4 1 2 - - -",
        "1 2 3 3 2 2 4 1 2 5 - 3",
        "- 3 3 3 2 3 4 2 2 5 1 -",
        "1 2 3 3 2 4 4 1 2 5 1 -",
    ]
    units = [[None if r == "-" else float(r) for r in unit] for unit in zip(*map(str.split, observers), strict=True)]
    assert krippendorff_alpha(units, "nominal") == pytest.approx(0.743, abs=5e-4)
    assert krippendorff_alpha(units, "ordinal") == pytest.approx(0.815, abs=5e-4)
    assert krippendorff_alpha(units, "interval") == pytest.approx(0.849, abs=5e-4)


def test_alpha_of_nothing_to_compare() -> None:
    assert krippendorff_alpha([[1.0, None], [2.0, None]]) is None
    assert krippendorff_alpha([[1.0, 1.0], [1.0, 1.0]]) is None
    assert krippendorff_alpha([[1.0, 1.0], [2.0, 2.0]]) == pytest.approx(1)


def recorded(name: str) -> list[dict]:
    path = DATA / "judge" / name
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as rows:
        return [json.loads(row) for row in rows]


@pytest.mark.slow
def test_recorded_scores_give_the_published_correlations() -> None:
    """Within .006: a few replies were read as another score, or as none, by whoever published."""
    rows = [
        Scored("gpt-4", r["dimension"], r["doc_id"], r["system"], r["score"], r["human"])
        for r in recorded("llm_judge_scores.jsonl.gz")
        if r["judge"].startswith("gpt-4") and r["method"] == "rts" and r["score"] is not None
    ]
    found = {a.dimension: a.spearman for a in agreements(rows) if a.level == "all"}
    expected = {"coherence": 0.448, "consistency": 0.556, "fluency": 0.498, "relevance": 0.427}
    assert found == pytest.approx(expected, abs=6e-3)


@pytest.mark.slow
def test_recorded_verdicts_survive_as_published() -> None:
    rows = [
        Compared(r["judge"], r["dimension"], r["choice"], r["choice_swapped"], r["human_choice"])
        for r in recorded("pairwise_order_swap.jsonl.gz")
        if r["choice"] is not None and r["choice_swapped"] is not None
    ]
    last = swaps(rows)[-1]
    assert last.dimension == "all"
    assert last.survived.value == pytest.approx(0.648, abs=6e-4)


def test_a_judge_that_goes_by_position_is_seen() -> None:
    rows = [Compared("j", "d", 1, 2, 1 + n % 2) for n in range(40)]  # whatever is shown first is better
    (found,) = swaps(rows)
    assert (found.survived.value, found.right_kept) == (0, None)
    assert found.first is not None
    assert found.first.value == 1
    assert found.right is not None
    assert found.right.value == 0.5


def test_a_verdict_is_right_whichever_text_the_file_names_first() -> None:
    rows = [Compared("j", "d", 1, (1, 2, 0)[n % 3], 1 + n % 2, f"doc{n % 11}") for n in range(60)]
    other = {0: 0, 1: 2, 2: 1}
    turned = [replace(r, choice=other[r.swapped], swapped=other[r.choice], human=other[r.human or 0]) for r in rows]
    (found,), (again,) = swaps(rows), swaps(turned)
    assert (found.right, found.right_kept, found.survived) == (again.right, again.right_kept, again.survived)


def test_the_two_verdicts_of_a_pair_are_one_draw() -> None:
    """Judges that go by position without liking the first: few are said to, as many as 95% allow."""
    said = 0
    for seed in range(200):
        choices = np.random.default_rng(seed).integers(1, 3, 40).tolist()
        (found,) = swaps([Compared("j", "d", choice, 3 - choice, None) for choice in choices])
        assert found.first is not None
        said += not found.first.low <= 0.5 <= found.first.high
    assert said <= 20
    (one,) = swaps([Compared("j", "d", 1, 2, None)])
    assert one.first is not None
    assert one.first.low < 0.25


def test_too_few_documents_have_no_interval() -> None:
    rows = [Scored("j", "d", f"doc{d}", "", d, d) for d in range(9)]
    assert agreements(rows)[0].interval is None
    assert agreements([*rows, Scored("j", "d", "doc9", "", 9, 9)])[0].interval is not None


def test_levels_of_agreement() -> None:
    """In each document the judge is right; between documents it is wrong."""
    rows = [Scored("j", "d", f"doc{d}", f"s{s}", 10 * d + s, -10 * d + s) for d in range(12) for s in range(4)]
    found = {a.level: a for a in agreements(rows)}
    assert found["in a document"].spearman == pytest.approx(1)
    assert found["of systems"].spearman == pytest.approx(1)
    together = found["all"]
    assert together.spearman is not None
    assert together.spearman < 0
    assert together.interval is not None
    assert together.interval.high < 0
