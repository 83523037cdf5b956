"""BLEU, chrF and ROUGE are those of sacreBLEU and rouge_score, and those of the equations."""

import gzip
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from openbook.evaluate import bleu as bleus
from openbook.evaluate import chrf as chrfs
from openbook.evaluate import lcs, lcs_columns
from openbook.evaluate.bleu import BleuSettings, bleu, bleu_by_the_equation, sentence_bleu
from openbook.evaluate.bleu_tokens import TOKENISERS, by_the_rules, tokenised
from openbook.evaluate.chrf import ChrfSettings, chrf, chrf_by_the_equation, sentence_chrf
from openbook.evaluate.ngrams import clipped, ids_of, shared
from openbook.evaluate.rouge import KINDS, rouge, rouge_n_by_the_equation
from openbook.evaluate.rouge_tokens import cut

DATA = Path(os.environ.get("OPENBOOK_DATA", Path(__file__).parents[3] / "shared" / "data"))
TINY = 1e-9

words = st.sampled_from(["the", "cat", "sat", "on", "mat", "3.5", "don't", "(hi)", "a-b", "5-3", "$4.", "É", "-", "."])
sentences = st.lists(words, max_size=12).map(" ".join)
anything = st.text(max_size=40)
strange = st.text(st.sampled_from("ab .,-&;<1\n\t\u2028'ßẞİ\ud800"), max_size=30)
text = st.one_of(sentences, anything, strange)
corpus = st.lists(st.tuples(text, text, text), min_size=1, max_size=6)


def parted(rows: Sequence[tuple[str, str, str]]) -> tuple[list[str], list[list[str]], list[list[str]]]:
    """Hypotheses; references by text, as ours take them; by number, as sacreBLEU does."""
    return [h for h, *_ in rows], [[a, b] for _, a, b in rows], [[a for _, a, _ in rows], [b for *_, b in rows]]


@given(
    corpus,
    st.sampled_from(TOKENISERS),
    st.sampled_from(["exp", "floor", "add-k", "none"]),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=400)
def test_bleu_is_sacrebleus(
    rows: list[tuple[str, str, str]], tokens: Any, smoothing: Any, lowercase: bool, effective: bool
) -> None:
    hypotheses, ours, theirs = parted(rows)
    scorer = sacrebleu.BLEU(
        tokenize=tokens, smooth_method=smoothing, lowercase=lowercase, effective_order=effective, force=True
    )
    expected = scorer.corpus_score(hypotheses, theirs)
    found = bleu(hypotheses, ours, BleuSettings(tokens, smoothing, None, lowercase, effective))
    assert found.score == pytest.approx(expected.score, abs=TINY)
    assert found.precisions == pytest.approx(expected.precisions, abs=TINY)
    assert (found.brevity_penalty, *found.lengths) == pytest.approx((expected.bp, expected.sys_len, expected.ref_len))
    theirs_said = str(scorer.get_signature()).rpartition("|version:")[0]
    assert found.signature.rpartition("|version:")[0] == theirs_said


@given(corpus, st.sampled_from([0, 1, 2]), st.sampled_from([1, 2, 3]), st.booleans(), st.booleans())
@settings(max_examples=300)
def test_chrf_is_sacrebleus(
    rows: list[tuple[str, str, str]], order: int, beta: int, lowercase: bool, blanks: bool
) -> None:
    hypotheses, ours, theirs = parted(rows)
    scorer = sacrebleu.CHRF(word_order=order, beta=beta, lowercase=lowercase, whitespace=blanks)
    expected = scorer.corpus_score(hypotheses, theirs)
    found = chrf(hypotheses, ours, ChrfSettings(6, order, beta, lowercase, blanks))
    assert found.score == pytest.approx(expected.score, abs=TINY)
    assert found.signature.rpartition("|version:")[0] == str(scorer.get_signature()).rpartition("|version:")[0]


lines = st.lists(sentences, max_size=4).map("\n".join)


@given(
    st.lists(st.tuples(st.one_of(text, lines), st.one_of(text, lines), lines), min_size=1, max_size=5), st.booleans()
)
@settings(max_examples=300)
def test_rouge_is_rouge_scores(rows: list[tuple[str, str, str]], stem: bool) -> None:
    hypotheses, references, _ = parted(rows)
    kinds = [*KINDS, "rouge3"]
    scorer = RougeScorer(kinds, use_stemmer=stem)
    found = rouge(hypotheses, references, kinds, stem=stem)
    for number, (hypothesis, own) in enumerate(zip(hypotheses, references, strict=True)):
        expected = scorer.score_multi(own, hypothesis)
        for kind in kinds:
            assert tuple(found[kind][number]) == pytest.approx(tuple(expected[kind]), abs=TINY), kind


def judged() -> tuple[list[str], list[list[str]]]:
    path = DATA / "judge" / "summeval.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as rows:
        pairs = [json.loads(row) for row in rows]
    return [row["summary"] for row in pairs], [row["references"][:3] for row in pairs]


@pytest.mark.slow
def test_on_real_summaries() -> None:
    hypotheses, references = judged()
    columns = [list(column) for column in zip(*references, strict=True)]
    assert bleu(hypotheses, references).score == pytest.approx(
        sacrebleu.corpus_bleu(hypotheses, columns).score, abs=TINY
    )
    for order in (0, 2):
        expected = sacrebleu.corpus_chrf(hypotheses, columns, word_order=order).score
        assert chrf(hypotheses, references, ChrfSettings(words=order)).score == pytest.approx(expected, abs=TINY)
    found, scorer = rouge(hypotheses, references, stem=True), RougeScorer(KINDS, use_stemmer=True)
    for number in range(0, len(hypotheses), 16):
        expected = scorer.score_multi(references[number], hypotheses[number])
        for kind in KINDS:
            assert tuple(found[kind][number]) == pytest.approx(tuple(expected[kind]), abs=TINY)


ids = st.lists(st.integers(0, 5), max_size=20)


@given(st.lists(st.tuples(ids, st.lists(ids, max_size=3)), max_size=5), st.integers(1, 12))
def test_shared_ngrams_are_the_equations(rows: list[tuple[list[int], list[list[int]]]], orders: int) -> None:
    found = shared([h for h, _ in rows], [rs for _, rs in rows], orders)
    assert found.tolist() == [[clipped(h, rs, n) for n in range(1, orders + 1)] for h, rs in rows]


@given(ids, ids)
def test_the_subsequence_by_bits_is_the_tables(left: list[int], right: list[int]) -> None:
    longest = lcs.length_by_the_table(left, right)
    assert lcs.length(left, right) == longest
    places = lcs.places(left, right)[::-1]
    assert len(places) == longest
    rest = iter(right)
    assert all(left[place] in rest for place in places)  # in order in both


texts = st.lists(st.integers(0, 3), max_size=70)


@given(st.lists(st.tuples(texts, texts), max_size=5), st.integers(0, 9))
def test_subsequences_by_columns_are_the_tables(rows: list[tuple[list[int], list[int]]], longest: int) -> None:
    """Beside pairs too long for a column: both texts beyond 64 tokens, or one beyond the widest row."""
    rows = [*rows, ([0, 1] * 33, [1, 0, 2] * 23), ([3, 1, 2] * longest, [2, 1] * 260)]
    ids, sizes = ids_of([*(left for left, _ in rows), *(right for _, right in rows)])
    assert lcs_columns.lengths(ids, sizes).tolist() == [lcs.length_by_the_table(*row) for row in rows]


@given(st.lists(st.tuples(sentences, sentences), min_size=1, max_size=5), sentences, sentences)
def test_the_fast_ways_are_the_equations(rows: list[tuple[str, str]], one: str, other: str) -> None:
    cut_ours = [h.split() for h, _ in rows]
    cut_theirs = [[r.split()] for _, r in rows]
    found = bleu([h for h, _ in rows], [[r] for _, r in rows], BleuSettings("none", "none"))
    assert found.score == pytest.approx(bleu_by_the_equation(cut_ours, cut_theirs), abs=TINY)
    for order in (0, 2):
        how = ChrfSettings(words=order)
        assert sentence_chrf(one, [other], how).score == pytest.approx(chrf_by_the_equation(one, other, how), abs=TINY)
    both = cut([one, other])
    ours, theirs = both.sentences(0)[0], both.sentences(1)[0]
    scores = rouge([one], [[other]], ["rouge2"])["rouge2"][0]
    assert tuple(scores) == pytest.approx(rouge_n_by_the_equation(ours, theirs, 2), abs=TINY)


def test_a_corpus_streams_and_its_statistics_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(f"the cat number {n} sat", [f"a cat number {n} sat down"]) for n in range(25)]
    whole = (
        bleu([h for h, _ in rows], [r for _, r in rows]).score,
        chrf([h for h, _ in rows], [r for _, r in rows]).score,
    )
    monkeypatch.setattr(bleus, "AT_ONCE", 4)
    monkeypatch.setattr(chrfs, "AT_ONCE", 4)
    assert bleu((h for h, _ in rows), (r for _, r in rows)).score == pytest.approx(whole[0], abs=TINY)
    assert chrf((h for h, _ in rows), (r for _, r in rows)).score == pytest.approx(whole[1], abs=TINY)
    table = bleus.statistics([h for h, _ in rows], [r for _, r in rows])
    assert bleus.from_statistics(table.sum(axis=0), BleuSettings(), 1).score == pytest.approx(whole[0], abs=TINY)


def test_a_sentence_of_few_words_has_a_bleu() -> None:
    assert sentence_bleu("the cat", ["the cat"]).score == pytest.approx(100)
    assert sentence_bleu("", ["the cat"]).score == 0
    assert bleu([], []).score == 0


def test_different_numbers_and_unknown_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        bleu(["a", "b"], [["a"]])
    with pytest.raises(ValueError, match="rougeX"):
        rouge(["a"], [["a"]], ["rougeX"])


@given(st.lists(st.text(st.sampled_from("ab12 .,-'!/\t\u2028é~"), max_size=14), max_size=4))
def test_tokens_are_those_of_the_scripts_rules(lines: list[str]) -> None:
    """Where dots and commas follow each other, too."""
    stripped = [line.rstrip() for line in lines]
    assert tokenised(stripped) == [by_the_rules(f" {line} ").split() for line in stripped]


def test_tokens_of_a_line() -> None:
    assert tokenised(["Don't pay $4.50 (or 3,000) &amp; go-on."]) == [
        ["Don't", "pay", "$", "4.50", "(", "or", "3,000", ")", "&", "go-on", "."]
    ]
    assert tokenised([]) == []
