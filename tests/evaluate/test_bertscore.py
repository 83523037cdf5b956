"""BERTScore is the paper's equation and the field's greedy matching, whatever the vectors."""

import json
from collections import Counter
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.encode.token_states import TokenStates, open_token_encoder
from openbook.errors import OpenbookError
from openbook.evaluate import bertscore as module
from openbook.evaluate import embedding
from openbook.evaluate.bertscore import baseline_of, bertscore, idf_of, matched, matched_by_the_equation
from openbook.evaluate.embedding import EMBEDDING, EmbeddingSettings, embedding_measures, similarity
from openbook.evaluate.measured import measured

GOLDEN = Path(__file__).parent / "bertscore_greedy.json"


def unit(tokens: int, seed: int, dim: int = 8) -> Any:
    rows = np.random.default_rng(seed).normal(size=(tokens, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def text_of(ids: list[int], table: Any) -> TokenStates:
    vectors = table[ids]
    pooled = vectors.sum(axis=0) / max(float(np.linalg.norm(vectors.sum(axis=0))), 1e-9)
    return TokenStates(tuple(ids), tuple((n, n + 1) for n in range(len(ids))), vectors, pooled)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 99), st.integers(1, 4))
def test_matching_is_the_equations(ours: int, theirs: int, seed: int, at_once: int) -> None:
    """Also where the similarities are taken in pieces."""
    hypothesis, reference = unit(ours, seed), unit(theirs, seed + 100)
    weights = [np.random.default_rng(seed + n).uniform(0.1, 2, size) for n, size in enumerate((ours, theirs))]
    expected = matched_by_the_equation(hypothesis, reference, *(w.tolist() for w in weights))
    whole = matched(hypothesis, reference, *weights)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_AT_ONCE", at_once)
        pieces = matched(hypothesis, reference, *weights)
    assert whole == pytest.approx(expected, rel=1e-5, abs=1e-5)
    assert pieces == pytest.approx(whole, rel=1e-5, abs=1e-6)


def test_matching_is_that_of_the_package_bert_score() -> None:
    """Scores of bert_score 0.3.13's greedy_cos_idf; `python -m benchmarks.parity_bertscore` writes the file."""
    cases = json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]
    assert len(cases) >= 10
    for case in cases:
        hypothesis, reference = unit(case["ours"], case["seed"]), unit(case["theirs"], case["seed"] + 100)
        weights = [np.array(case[name]) if case[name] else None for name in ("our_weights", "their_weights")]
        assert matched(hypothesis, reference, *weights) == pytest.approx(case["scores"], abs=1e-6)


@given(st.lists(st.lists(st.integers(0, 6), max_size=6), min_size=1, max_size=6))
def test_idf_is_the_papers(references: list[list[int]]) -> None:
    weights = idf_of(references)
    for token in range(8):
        holding = sum(token in own for own in references)
        assert weights([token])[0] == pytest.approx(log((len(references) + 1) / (holding + 1)))
    assert weights.holding == Counter(token for own in references for token in set(own))


def test_the_best_reference_counts_and_an_empty_text_scores_nothing() -> None:
    table = unit(20, 3)
    text, same, other, empty = (text_of(ids, table) for ids in ([1, 2, 3], [1, 2, 3], [7, 8, 9, 10], []))
    assert bertscore(text, [other, same]) == pytest.approx([1, 1, 1], abs=1e-6)
    assert similarity(text, [other, same]) == pytest.approx(1, abs=1e-6)
    for ours, theirs in ((text, [empty]), (empty, [text]), (empty, [empty]), (text, [])):
        assert bertscore(ours, theirs).tolist() == [0, 0, 0]
        assert similarity(ours, theirs) == 0
    alike = idf_of([[1, 2, 3]])  # a single reference: every weight is log 1
    assert bertscore(text, [other], alike) == pytest.approx(bertscore(text, [other]))
    b = np.array([0.2, 0.3, 0.25])
    assert bertscore(text, [other], baseline=b) == pytest.approx((bertscore(text, [other]) - b) / (1 - b))
    assert bertscore(text, [same], baseline=b) == pytest.approx([1, 1, 1], abs=1e-6)


def test_a_baseline_is_of_texts_that_do_not_belong_together() -> None:
    table = unit(30, 5)
    ids = {str(n): [3 * n, 3 * n + 1, 3 * n + 2] for n in range(10)}
    names = list(ids)

    def states(texts: Any) -> list[TokenStates]:
        return [text_of(ids[text], table) for text in texts]

    found = baseline_of(names, names, states)
    assert found[2] < 0.9  # every text is its own reference: a pair of its own would score 1
    assert found.tolist() == baseline_of(names, names, states).tolist()
    with pytest.raises(OpenbookError, match="two different references"):
        baseline_of(["0", "1"], ["2", "2"], states)


def test_each_measure_is_the_mean_of_its_texts_however_they_are_parted(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = open_token_encoder(threads=1)
    texts = ["the cat sat on the mat", "a dog barked", "", "rent is due in May"]
    references = [["a cat was on the mat"], ["the dog slept", "the dog barked"], ["nothing"], ["rent is due in May"]]
    settings = EmbeddingSettings(encoder.digest)

    def found() -> Any:
        measures, counted = embedding_measures(EMBEDDING, encoder, settings)
        return measured(zip(texts, references, strict=True), measures, counted, at_once=3)

    whole = found()
    monkeypatch.setattr(embedding, "AT_ONCE", 1)
    for one, again in zip(whole, found(), strict=True):
        assert one.each.tolist() == again.each.tolist()
        assert one.score == pytest.approx(one.each.mean())
        assert one.each[2] == 0
        assert one.each[3] == pytest.approx(100, abs=1e-4)
        assert one.signature.startswith(f"nrefs:var|{one.name}|model:{encoder.digest[:12]}|")
    assert whole[0].each[1] > whole[0].each[0] > 0
