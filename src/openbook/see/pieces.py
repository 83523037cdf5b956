"""A text's tokens as a reader sees them: ids for the model, and the piece of text that each one stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.errors import OpenbookError
from openbook.tokens import Tokenizer, load

_CHARACTERS = 64  # of a token at most, in a text that is worth encoding
_SPACES = "Ġ▁"  # how byte-level BPE and SentencePiece write a space


@dataclass(frozen=True, slots=True)
class Pieces:
    """ids: (tokens,). labels: what is shown for each. added: true for a token that is none of the text's own."""

    ids: NDArray[np.int64]
    labels: tuple[str, ...]
    added: tuple[bool, ...]


def pieces(place: Path, text: str, most: int) -> Pieces:
    """The tokens of ``text`` by the tokenizer of a file or folder, between those that its model is used to.

    A control token typed into the text stays text. Raises OpenbookError for no tokenizer, for no text, and for more
    tokens than ``most``.
    """
    tokenizer = load(place)
    if len(text) > _CHARACTERS * most:
        raise OpenbookError(f"the text has {len(text):,} characters, and {most} tokens can be seen at once: shorten it")
    found = tokenizer.encode(text)
    if not found.ids:
        raise OpenbookError("there is no token in this text: give a sentence or two")
    before, after = around(tokenizer)
    count = len(before) + len(found) + len(after)
    if count > most:
        raise OpenbookError(f"the text has {count} tokens, and {most} can be seen at once: shorten it")
    inner = [_label(piece, text[start:end]) for piece, (start, end) in zip(found.pieces, found.offsets, strict=True)]
    inner = [
        f"{label} = {piece}" if id_ == tokenizer.unknown else label  # what the model reads is the unknown piece
        for label, piece, id_ in zip(inner, found.pieces, found.ids, strict=True)
    ]
    ids = [*map(tokenizer.id_of, before), *found.ids, *map(tokenizer.id_of, after)]
    added = (*(True for _ in before), *(False for _ in found.ids), *(True for _ in after))
    return Pieces(np.array(ids, dtype=np.int64), (*before, *inner, *after), added)


def around(tokenizer: Tokenizer) -> tuple[list[str], list[str]]:
    """The control tokens that its post-processor sets before and after one text, such as [CLS] and [SEP]."""
    for step in _steps(tokenizer.definition.get("post_processor")):
        if step.get("type") in ("BertProcessing", "RobertaProcessing"):
            return [str(step["cls"][0])], [str(step["sep"][0])]
        if step.get("type") == "TemplateProcessing":
            order = [next(iter(part.items())) for part in step["single"]]
            middle = next((place for place, (kind, _) in enumerate(order) if kind == "Sequence"), len(order))
            named = [str(said["id"]) for _, said in order]
            return named[:middle], named[middle + 1 :]
    if "[CLS]" in tokenizer and "[SEP]" in tokenizer:  # of a vocab.txt, which has no post-processor
        return ["[CLS]"], ["[SEP]"]
    return [], []


def _steps(processor: Any) -> list[Mapping[str, Any]]:
    """The post-processor, or those within a sequence of them."""
    if not isinstance(processor, dict):
        return []
    return list(processor["processors"]) if processor.get("type") == "Sequence" else [processor]  # pyright: ignore


def _label(piece: str, covered: str) -> str:
    """The text that a token covers, as it is written; with WordPiece's mark where it goes on with a word."""
    covered = covered.strip()
    if not covered:
        return piece.strip(_SPACES) or "␣"
    return f"##{covered}" if piece.startswith("##") else covered
