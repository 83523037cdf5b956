"""Training on the library's trainers, made to depend on nothing but the corpus; equal to ``bpe`` and ``wordpiece``."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openbook.tokens import definition
from openbook.tokens.byte_table import ALPHABET
from openbook.tokens.encoding import well_formed
from openbook.tokens.problems import TokenProblem
from openbook.tokens.tokenizer import Tokenizer
from openbook.tokens.wordpiece import PREFIX, SPECIAL, UNKNOWN

LARGEST = 1_000_000
"""Pieces that may be asked for."""

END_OF_TEXT = "<|endoftext|>"

LONGEST_WORD = 2_000
"""Characters without white space that are learnt from as one word: base64, minified code, DNA."""

_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")


def train_bpe(
    texts: Iterable[str], size: int, *, special: Sequence[str] = (END_OF_TEXT,), min_frequency: int = 2
) -> Tokenizer:
    """Byte-level BPE with GPT-2's words. Texts are streamed once; memory grows with the distinct words, not the text.

    Gives fewer than ``size`` pieces where no pair occurs ``min_frequency`` times any more. Raises TokenProblem for a
    corpus without text and for a size below the 256 bytes and the special tokens.
    """
    from tokenizers import Tokenizer as Engine
    from tokenizers import models, pre_tokenizers, trainers

    _check(size, special, len(ALPHABET) + len(special), "256 bytes")
    engine: Any = Engine(models.BPE())
    engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer: Any = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=max(1, min_frequency),
        special_tokens=list(special),
        initial_alphabet=list(ALPHABET),
        show_progress=False,
    )
    engine.train_from_iterator(_some(texts), trainer)
    model = json.loads(engine.to_str())["model"]
    return Tokenizer(definition.byte_level_bpe(model["vocab"], model["merges"], special))


def train_wordpiece(
    texts: Iterable[str],
    size: int,
    *,
    special: Sequence[str] = SPECIAL,
    min_frequency: int = 2,
    lowercase: bool = True,
) -> Tokenizer:
    """WordPiece with BERT's words. The texts are gone through twice: first for their characters.

    Hugging Face's WordPieceTrainer merges by count, and numbers the characters that continue words in an order that
    changes from process to process, which then decides between equal counts; with all characters given to it in order,
    the same corpus always makes the same vocabulary. Raises TokenProblem for a corpus without words, for a size below
    its characters and the special tokens, and ValueError for texts that can be gone through only once.
    """
    if iter(texts) is texts:
        raise ValueError("train_wordpiece goes through the texts twice: give a list, or an object that starts anew")
    if UNKNOWN not in special:
        raise TokenProblem(f"WordPiece needs {UNKNOWN} among its special tokens, for words it cannot cut: add it")
    _check(size, special, len(special) + 1, "one character")
    found = _pieces(_some(texts), 0, special, min_frequency, lowercase)[len(special) :]
    if not found:
        raise TokenProblem("the corpus holds no words, only characters that BERT leaves out: name other documents")
    beginning = sorted(piece for piece in found if not _continues(piece))
    continuing = sorted(piece for piece in found if _continues(piece))
    characters = [*special, *beginning, *continuing]
    if len(characters) > size:
        raise TokenProblem(
            f"a vocabulary of {size:,} is too small: the corpus has {len(beginning):,} characters that begin a word and"
            f" {len(continuing):,} that continue one: ask for {len(characters):,} or more"
        )
    pieces = _pieces(texts, size, characters, min_frequency, lowercase)
    ids = {piece: number for number, piece in enumerate(pieces)}
    return Tokenizer(definition.wordpiece(ids, special, unknown=UNKNOWN, lowercase=lowercase))


def _pieces(texts: Iterable[str], size: int, first: Sequence[str], min_frequency: int, lowercase: bool) -> list[str]:
    """The vocabulary in order of id that the library learns, ``first`` standing first. With size 0: no merges."""
    from tokenizers import Tokenizer as Engine
    from tokenizers import models, normalizers, pre_tokenizers, trainers

    engine: Any = Engine(models.WordPiece(unk_token=UNKNOWN))
    engine.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    engine.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer: Any = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=max(1, min_frequency),
        special_tokens=list(first),
        continuing_subword_prefix=PREFIX,
        show_progress=False,
    )
    engine.train_from_iterator((part for text in texts for part in bounded(well_formed(text))), trainer)
    ids: dict[str, int] = engine.get_vocab(with_added_tokens=False)
    return sorted(ids, key=ids.__getitem__)


def bounded(text: str) -> Iterator[str]:
    """The text with words beyond ``LONGEST_WORD`` characters cut: learning takes the square of a word's length."""
    place = 0
    for match in _LONG_WORD.finditer(text):
        yield text[place : match.start()]
        yield from (match.group()[n : n + LONGEST_WORD] for n in range(0, len(match.group()), LONGEST_WORD))
        place = match.end()
    yield text[place:]


def _continues(piece: str) -> bool:
    return len(piece) > len(PREFIX) and piece.startswith(PREFIX)


def _some(texts: Iterable[str]) -> Iterator[str]:
    """The texts, well formed. Raises TokenProblem at the end where none held more than white space."""
    any_text = False
    for text in texts:
        any_text = any_text or bool(text.strip())
        yield from bounded(well_formed(text))
    if not any_text:
        raise TokenProblem("the corpus holds no text to learn from: name documents with words in them")


def _check(size: int, special: Sequence[str], least: int, what: str) -> None:
    if len(set(special)) < len(special) or any(len(token) < 2 for token in special):
        raise TokenProblem("special tokens must differ from one another and have two characters or more")
    if not least <= size <= LARGEST:
        raise TokenProblem(
            f"a vocabulary of {size:,} cannot be made: {what} and the special tokens make {least:,} already, and"
            f" {LARGEST:,} is the most: choose one between"
        )
