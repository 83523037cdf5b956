"""Byte-level BPE to be read: cases by hand, and the library's trainer and encoder on every text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from token_samples import LANGUAGES, TEXTS, assigned_text
from tokenizers import Tokenizer as Library
from tokenizers import decoders, models, pre_tokenizers, trainers

from openbook.tokens import Tokenizer, bpe
from openbook.tokens.merges import Learned, by_count, by_likelihood, learn

HEN = {("t", "e", "n"): 6, ("h", "e", "n"): 4, ("t", "i", "n"): 5, ("q", "u", "i", "t"): 2}


def library_bpe(texts: list[str], size: int, special: list[str]) -> tuple[Learned, Any]:
    """The same vocabulary by the library alone, and the library's tokenizer for it."""
    library: Any = Library(models.BPE())
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=2,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    library.train_from_iterator(texts, trainer)
    model = json.loads(library.to_str())["model"]
    pieces = tuple(sorted(model["vocab"], key=model["vocab"].get))
    return Learned(pieces, tuple((first, second) for first, second in model["merges"])), library


def reference_of(tokenizer: Tokenizer) -> bpe.ByteLevelBPE:
    model = tokenizer.definition["model"]
    return bpe.ByteLevelBPE(model["vocab"], {tuple(pair): rank for rank, pair in enumerate(model["merges"])})


def test_the_most_frequent_pair_is_merged_first() -> None:
    learned = learn(HEN, sorted("tenhiqu"), 9, score=by_count)
    assert learned.merges == (("e", "n"), ("t", "en"))
    assert learned.pieces[-2:] == ("en", "ten")


def test_equal_counts_are_decided_by_the_smallest_ids() -> None:
    learned = learn({("b", "a"): 3, ("a", "c"): 3, ("a", "b"): 3}, ["a", "b", "c"], 6, score=by_count)
    assert learned.merges == (("a", "b"), ("a", "c"), ("b", "a"))


def test_the_ratio_prefers_pairs_that_never_part() -> None:
    words = {(w[0], *("##" + c for c in w[1:])): n for w, n in (("ten", 6), ("hen", 4), ("tin", 5), ("quit", 2))}
    pieces = sorted({symbol for word in words for symbol in word})
    assert learn(words, pieces, 99, score=by_likelihood, prefix="##").pieces[len(pieces)] == "qu"
    assert learn(words, pieces, 99, score=by_count, prefix="##").pieces[len(pieces)] == "##en"


def test_merges_are_replayed_by_rank_from_the_left() -> None:
    ranks = {("e", "n"): 0, ("t", "en"): 1}
    seen = list(bpe.steps("tent", ranks))
    assert [(step.symbols, step.place, step.rank) for step in seen] == [
        (("t", "e", "n", "t"), 1, 0),
        (("t", "en", "t"), 0, 1),
        (("ten", "t"), None, None),
    ]


def test_runs_are_merged_from_the_left() -> None:
    *_, last = bpe.steps("aaaaa", {("a", "a"): 0, ("aa", "aa"): 1})
    assert last.symbols == ("aaaa", "a")


@pytest.mark.parametrize("language", LANGUAGES)
def test_training_equals_the_librarys(language: str) -> None:
    texts = [LANGUAGES[language]] * 2
    expected, _ = library_bpe(texts, 330, ["<|endoftext|>"])
    assert bpe.train(texts, 330, special=["<|endoftext|>"]) == expected


@given(st.lists(st.text("ab\u00e9 \n", max_size=30), min_size=1, max_size=5))
def test_training_equals_the_librarys_where_counts_tie(texts: list[str]) -> None:
    assert bpe.train(texts, 300) == library_bpe(texts, 300, [])[0]


@pytest.mark.parametrize("text", TEXTS)
def test_samples_encode_as_the_fast_path_does(bpe: Tokenizer, text: str) -> None:
    assert reference_of(bpe).encode(text) == bpe.encode(text)


@given(text=assigned_text)
def test_any_text_encodes_as_the_fast_path_does(bpe: Tokenizer, text: str) -> None:
    reference = reference_of(bpe)
    encoding = bpe.encode(text)
    assert reference.encode(text) == encoding
    assert reference.decode(encoding.ids) == bpe.decode(encoding.ids)


def test_ids_and_offsets_are_those_of_the_library_alone(corpus: list[str]) -> None:
    learned, library = library_bpe(corpus, 600, [])
    reference = bpe.ByteLevelBPE.of(learned)
    for text in TEXTS:
        plain = text.encode("utf-8", "replace").decode("utf-8")
        expected, found = library.encode(plain), reference.encode(plain)
        assert list(found.ids) == expected.ids
        assert [end for _, end in found.offsets] == [end for _, end in expected.offsets]
        assert list(found.pieces) == expected.tokens


@given(text=assigned_text)
def test_every_text_comes_back(bpe: Tokenizer, text: str) -> None:
    whole = "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    assert bpe.decode(bpe.encode(text).ids) == whole


@given(text=assigned_text)
def test_offsets_cover_every_character_in_order(bpe: Tokenizer, text: str) -> None:
    offsets = bpe.encode(text).offsets
    assert {at for start, end in offsets for at in range(start, end)} == set(range(len(text)))
    assert list(offsets) == sorted(offsets)
