"""Training: the same vocabulary each time, streamed, and what cannot be learned from."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from token_samples import LANGUAGES

from openbook.errors import OpenbookError
from openbook.tokens import TokenProblem, train_bpe, train_wordpiece
from openbook.tokens.train import bounded

SCRIPT = """
import hashlib, sys
from openbook.tokens import train_bpe, train_wordpiece
texts = sys.stdin.read().split("\\0")
for learn in (train_bpe, train_wordpiece):
    print(sorted(learn(texts, 500).definition["model"]["vocab"].items(), key=lambda pair: pair[1]))
"""


def in_a_fresh_process(texts: list[str]) -> str:
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, input="\0".join(texts), capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def test_every_process_learns_the_same() -> None:
    texts = list(LANGUAGES.values()) * 2
    assert len({in_a_fresh_process(texts) for _ in range(3)}) == 1


def test_special_tokens_come_first_and_are_control_tokens() -> None:
    tokenizer = train_bpe(["hello world"], 300, special=("<|a|>", "<|b|>"))
    assert (tokenizer.id_of("<|a|>"), tokenizer.id_of("<|b|>")) == (0, 1)
    assert tokenizer.control == {"<|a|>", "<|b|>"}
    assert train_wordpiece(["hello world"], 50).id_of("[PAD]") == 0


def test_a_stream_is_learned_from_without_being_held() -> None:
    held: list[int] = []

    def stream() -> Iterator[str]:
        for number in range(5_000):
            held.append(number)
            yield f"line {number % 50} of many"

    assert train_bpe(stream(), 300).encode("line").pieces == ("line",)
    assert len(held) == 5_000


def test_what_a_stream_raises_reaches_the_caller() -> None:
    def broken() -> Iterator[str]:
        yield "one"
        raise TokenProblem("line 2 is broken")

    with pytest.raises(TokenProblem, match="line 2 is broken"):
        train_bpe(broken(), 300)


def test_wordpiece_needs_texts_that_start_anew() -> None:
    with pytest.raises(ValueError, match="twice"):
        train_wordpiece(iter(["a"]), 100)


@pytest.mark.parametrize("learn", [train_bpe, train_wordpiece])
@pytest.mark.parametrize("texts", [[], [""], ["  \n", "\t"]])
def test_an_empty_corpus_is_said(learn, texts: list[str]) -> None:
    with pytest.raises(TokenProblem, match="holds no text"):
        learn(texts, 500)


def test_a_corpus_of_one_character_is_learned() -> None:
    bpe = train_bpe(["a"], 500)
    assert (len(bpe), bpe.decode(bpe.encode("a b").ids)) == (257, "a b")
    wordpiece = train_wordpiece(["a"], 500)
    assert wordpiece.encode("a b").pieces == ("a", "[UNK]")
    assert len(wordpiece) == 6


def test_a_corpus_of_one_long_run_is_learned() -> None:
    assert train_bpe(["a" * 1000], 260).encode("aaaa").pieces == ("aaaa",)


def test_only_controls_are_no_words_for_wordpiece() -> None:
    with pytest.raises(TokenProblem, match="no words"):
        train_wordpiece(["\0\x01\u200d"], 500)


@pytest.mark.parametrize(
    ("learn", "size", "said"),
    [
        (train_bpe, 256, "256 bytes and the special tokens make 257"),
        (train_bpe, 0, "cannot be made"),
        (train_bpe, 10**9, "1,000,000 is the most"),
        (train_wordpiece, 3, "cannot be made"),
        (train_wordpiece, 10, "ask for 17 or more"),
    ],
)
def test_a_size_that_cannot_be_is_said(learn, size: int, said: str) -> None:
    with pytest.raises(TokenProblem, match=said):
        learn(["hello world"], size)


@pytest.mark.parametrize("special", [("<|a|>", "<|a|>"), ("",), ("a",)])
def test_special_tokens_that_cannot_be_are_said(special: tuple[str, ...]) -> None:
    with pytest.raises(OpenbookError, match="special tokens must"):
        train_bpe(["a"], 500, special=special)


def test_wordpiece_needs_a_piece_for_unknown_words() -> None:
    with pytest.raises(TokenProblem, match=r"\[UNK\]"):
        train_wordpiece(["a"], 500, special=("[CLS]",))


def test_special_tokens_in_the_corpus_are_text() -> None:
    tokenizer = train_bpe(["<|endoftext|>" * 50], 400)
    assert tokenizer.id_of("<|endoftext|>") not in tokenizer.encode("<|endoftext|>").ids


def test_the_shipped_bpe_is_sound() -> None:
    from openbook.tokens import load

    tokenizer = load(Path(__file__).parents[2] / "src" / "openbook" / "weights" / "handbook-bpe" / "tokenizer.json")
    assert (tokenizer.kind, len(tokenizer), tokenizer.control) == ("BPE", 3000, {"<|endoftext|>"})
    text = "The tokenizer reads: café 日本 👍🏽"
    assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_a_word_without_end_is_learnt_from_in_parts() -> None:
    made = train_bpe(["a" * 300_000 + " the cat sat on the mat the cat"], 280)
    assert made.size <= 280
    assert list(bounded("x" * 4_500 + " y")) == ["", "x" * 2_000, "x" * 2_000, "x" * 500, " y"]
    assert "".join(bounded("so it goes")) == "so it goes"
