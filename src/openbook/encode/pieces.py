"""A text's tokens as a reader sees them: ids for the model, and the piece of text that each one stands for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.errors import OpenbookError

_LARGEST = 100_000_000
_WORD_STARTS = "Ġ▁"  # how byte-level BPE and SentencePiece write a space


@dataclass(frozen=True, slots=True)
class Pieces:
    """ids: (tokens,). labels: what is shown for each. added: true for a token that the tokenizer put there itself."""

    ids: NDArray[np.int64]
    labels: tuple[str, ...]
    added: tuple[bool, ...]


def pieces(tokenizer_file: Path, text: str, most: int) -> Pieces:
    """The tokens of ``text`` with the special ones that its model expects; those typed into the text stay text.

    Raises OpenbookError for a file that is no tokenizer, for no text, and for more tokens than ``most``.
    """
    from tokenizers import Tokenizer

    if len(text) > 64 * most:
        raise OpenbookError(f"the text has {len(text):,} characters, too many to be seen: give {most} tokens at most")
    try:
        size = tokenizer_file.stat().st_size
    except OSError as error:
        raise OpenbookError(f"cannot read {tokenizer_file}: {error.strerror}; it must lie beside the model") from error
    if size > _LARGEST:
        raise OpenbookError(f"{tokenizer_file} is larger than {_LARGEST:,} bytes: it is no tokenizer.json")
    try:
        tokenizer: Any = Tokenizer.from_file(str(tokenizer_file))
    except Exception as error:  # the library raises bare Exception for a file it cannot read
        raise OpenbookError(f"{tokenizer_file} is not a tokenizer: {error}") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    clean = text.encode("utf-8", "replace").decode()  # a lone surrogate is no character
    encoding = tokenizer.encode(clean)
    added = tuple(bool(mark) for mark in encoding.special_tokens_mask)
    if all(added):
        raise OpenbookError("there is no token in this text: give a sentence or two")
    if len(added) > most:
        raise OpenbookError(f"the text has {len(added)} tokens and a picture has room for {most}: give a shorter one")
    shown = (
        _label(piece, clean[start:end]) for piece, (start, end) in zip(encoding.tokens, encoding.offsets, strict=True)
    )
    return Pieces(np.array(encoding.ids, dtype=np.int64), tuple(shown), added)


def _label(piece: str, covered: str) -> str:
    """The text that a token covers, as it is written; with WordPiece's mark where it goes on with a word."""
    covered = covered.strip()
    if not covered:
        return piece.strip(_WORD_STARTS) or "␣"
    return f"##{covered}" if piece.startswith("##") else covered
