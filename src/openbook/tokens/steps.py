"""How a tokenizer arrives at its pieces, word by word: every merge of a BPE, every match that a WordPiece tries.

Works on any loaded tokenizer of these two kinds, by the readable references; what they arrive at is compared with what
the fast path gave, so that no step is shown that was not taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openbook.tokens.bpe import Step, steps
from openbook.tokens.merges import Pair
from openbook.tokens.problems import TokenProblem
from openbook.tokens.tokenizer import Tokenizer
from openbook.tokens.wordpiece import Match, matches

LONGEST = 2_000
"""Characters of a text that is stepped through: the references take the square of a word's length."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A word under BPE: it as it stands before each merge; the last step holds its pieces."""

    word: str
    steps: tuple[Step, ...]

    @property
    def pieces(self) -> tuple[str, ...]:
        return self.steps[-1].symbols


@dataclass(frozen=True, slots=True)
class Matched:
    """A word under WordPiece: what was tried at each place, and its pieces: the unknown one where none fits."""

    word: str
    matches: tuple[Match, ...]
    pieces: tuple[str, ...]


def explain(tokenizer: Tokenizer, text: str) -> list[Merged] | list[Matched]:
    """The words of the text in order. Raises TokenProblem for other kinds of tokenizer, and for a text too long."""
    if len(text) > LONGEST:
        raise TokenProblem(f"steps are shown for {LONGEST:,} characters at most, not {len(text):,}: choose a part")
    if tokenizer.kind not in ("BPE", "WordPiece"):
        raise TokenProblem(
            f"steps are for BPE and WordPiece, and {tokenizer.where} is {tokenizer.kind}: leave --steps out"
        )
    model = tokenizer.definition["model"]
    words = [word for word, _ in tokenizer.words(text)]
    found = _merged(model, words) if tokenizer.kind == "BPE" else _matched(model, words)
    if [piece for word in found for piece in word.pieces] != list(tokenizer.encode(text).pieces):
        raise TokenProblem(f"{tokenizer.where} has options that these steps do not follow: leave --steps out")
    return found


def _merged(model: Mapping[str, Any], words: Sequence[str]) -> list[Merged]:
    ranks: dict[Pair, int] = {(first, second): rank for rank, (first, second) in enumerate(model["merges"])}
    vocabulary: Mapping[str, int] = model["vocab"]
    prefix = model.get("continuing_subword_prefix") or ""
    found: list[Merged] = []
    for word in words:
        if model.get("ignore_merges") and word in vocabulary:
            found.append(Merged(word, (Step((word,)),)))
            continue
        symbols = [symbol for place, character in enumerate(word) for symbol in _symbols(character, place, model)]
        if symbols and model.get("end_of_word_suffix"):
            symbols[-1] += model["end_of_word_suffix"]
        found.append(Merged(word, tuple(steps(symbols, ranks, prefix))))
    return found


def _symbols(character: str, place: int, model: Mapping[str, Any]) -> list[str]:
    """The piece of a character, or those of its bytes where the vocabulary falls back on bytes."""
    symbol = (model.get("continuing_subword_prefix") or "") * (place > 0) + character
    if symbol not in model["vocab"] and model.get("byte_fallback"):
        return [f"<0x{byte:02X}>" for byte in character.encode("utf-8")]
    return [symbol if symbol in model["vocab"] else model.get("unk_token") or symbol]


def _matched(model: Mapping[str, Any], words: Sequence[str]) -> list[Matched]:
    unknown = (str(model["unk_token"]),)
    found: list[Matched] = []
    for word in words:
        if len(word) > model.get("max_input_chars_per_word", 100):
            found.append(Matched(word, (), unknown))
            continue
        tried = tuple(matches(word, model["vocab"], model.get("continuing_subword_prefix") or ""))
        pieces = tuple(match.tried[-1] for match in tried) if all(match.found for match in tried) else unknown
        found.append(Matched(word, tried, pieces))
    return found
