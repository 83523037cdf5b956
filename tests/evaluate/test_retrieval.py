"""Retrieval measures: equal to trec_eval on random graded judgements, right by hand, and strict about bad input."""

from functools import partial
from math import log2

import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.retrieval import by_query, ndcg, recall, reciprocal_rank
from openbook.evaluate.scores import BadScores

DOCUMENTS = [f"d{number}" for number in range(30)]
CUTOFFS = (1, 2, 3, 5, 10, 100)
rankings = st.lists(st.sampled_from(DOCUMENTS), unique=True, max_size=25)
judgements = st.dictionaries(st.sampled_from(DOCUMENTS), st.integers(-1, 4), min_size=1, max_size=25)
# trec_eval never returns from a query whose grades are all negative, so the parity test has one of 0 or more in each.
comparable = judgements.filter(lambda judged: max(judged.values()) >= 0)
queries = st.dictionaries(st.sampled_from("abcde"), st.tuples(rankings, comparable), min_size=1)


@given(queries)
def test_every_measure_equals_trec_eval(drawn: dict) -> None:
    ours_rankings = {query: ranking for query, (ranking, _) in drawn.items()}
    judged = {query: grades for query, (_, grades) in drawn.items()}
    # Distinct scores, so that trec_eval's own tie-breaking has nothing to decide.
    run = {
        query: {document: float(-rank) for rank, document in enumerate(ranking)}
        for query, ranking in ours_rankings.items()
    }
    cut = ",".join(map(str, CUTOFFS))
    theirs = pytrec_eval.RelevanceEvaluator(judged, {f"recall.{cut}", f"ndcg_cut.{cut}", "ndcg", "recip_rank"})
    expected = theirs.evaluate(run)
    measures = {"ndcg": ndcg, "recip_rank": reciprocal_rank}
    measures |= {f"recall_{k}": partial(recall, k=k) for k in CUTOFFS}
    measures |= {f"ndcg_cut_{k}": partial(ndcg, k=k) for k in CUTOFFS}
    for name, measure in measures.items():
        for query, value in by_query(measure, ours_rankings, judged).items():
            # trec_eval leaves out a query whose ranking is empty; it found nothing.
            reference = expected[query][name] if query in expected and ours_rankings[query] else 0.0
            assert value == pytest.approx(reference, abs=1e-12), (name, query)


@given(rankings, judgements, st.sampled_from(CUTOFFS))
def test_a_cutoff_is_the_measure_of_the_shortened_ranking(ranking: list, judged: dict, k: int) -> None:
    assert reciprocal_rank(ranking, judged, k) == reciprocal_rank(ranking[:k], judged)
    assert recall(ranking, judged, k) == recall(ranking[:k], judged, len(DOCUMENTS))


def test_a_ranking_worked_by_hand() -> None:
    judged = {"a": 3, "b": 0, "c": -1, "d": 1, "missing": 2}
    ranking = ["c", "unjudged", "a", "d"]
    assert recall(ranking, judged, 3) == 1 / 3
    assert reciprocal_rank(ranking, judged) == 1 / 3
    assert reciprocal_rank(ranking, judged, 2) == 0
    # Gains 0, 0, 3, 1 against the ideal 3, 2, 1.
    assert ndcg(ranking, judged) == pytest.approx((3 / log2(4) + 1 / log2(5)) / (3 + 2 / log2(3) + 1 / log2(4)))
    assert ndcg(ranking, judged, 3) == pytest.approx(1.5 / (3 + 2 / log2(3) + 0.5))


def test_a_judged_query_without_a_ranking_scores_nothing() -> None:
    assert by_query(reciprocal_rank, {"q": ["a"]}, {"q": {"a": 1}, "r": {"a": 1}}) == {"q": 1.0, "r": 0.0}


@given(rankings, judgements)
def test_the_ideal_order_scores_one_and_nothing_scores_more(ranking: list, judged: dict) -> None:
    best = sorted(judged, key=lambda document: -judged[document])
    has_relevant = any(grade > 0 for grade in judged.values())
    assert ndcg(best, judged) == pytest.approx(1.0 if has_relevant else 0.0)
    assert 0 <= ndcg(ranking, judged) <= 1 + 1e-12


@pytest.mark.parametrize("k", [0, -1])
@pytest.mark.parametrize("measure", [recall, reciprocal_rank, ndcg])
def test_a_cutoff_below_one_is_refused(measure, k: int) -> None:
    with pytest.raises(BadScores, match="at least 1"):
        measure(["a"], {"a": 1}, k)


def test_bad_rankings_are_refused() -> None:
    with pytest.raises(BadScores, match="twice"):
        ndcg(["a", "b", "a"], {"a": 1})
    with pytest.raises(BadScores, match="one string"):
        recall("abc", {"a": 1}, 3)
    with pytest.raises(BadScores, match="'r' has a ranking but no judgements"):
        by_query(ndcg, {"q": ["a"], "r": ["b"]}, {"q": {"a": 1}})
    with pytest.raises(BadScores, match="no query is judged"):
        by_query(ndcg, {}, {})
