"""A vocabulary over a task's own characters or words, as a ``tokenizer.json`` that the field's libraries load."""

import json
from collections.abc import Iterable
from typing import Literal

from openbook.train.characters import UNKNOWN, alphabet
from openbook.train.characters import tokenizer_json as over_characters

Pieces = Literal["characters", "words"]


def tokenizer_json(texts: Iterable[str], pieces: Pieces, end: str) -> str:
    """The file. Pieces are those of the texts, in code-point order; then the unknown piece, then the one that ends a
    reply. Words are parted by blanks, and written with one blank between them.
    """
    if pieces == "characters":
        return over_characters(alphabet(texts), [end])
    words = sorted({word for text in texts for word in text.split()})
    vocabulary = {word: number for number, word in enumerate((*words, UNKNOWN, end))}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    definition = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": vocabulary[end], "content": end, **flags}],
        "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": UNKNOWN},
    }
    return json.dumps(definition, ensure_ascii=False, indent=1)
