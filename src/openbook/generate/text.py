"""A language model's output as one text."""

from openbook.protocols import LanguageModel
from openbook.values import Decoding, Prompt

MOST_CHARACTERS = 200_000
"""What is kept of one output, whatever an engine sends."""


def written(model: LanguageModel, prompt: Prompt, decoding: Decoding) -> str:
    """All tokens joined. An engine that does not stop by itself is stopped after ``MOST_CHARACTERS``."""
    pieces: list[str] = []
    length = 0
    for token in model.stream(prompt, decoding):
        pieces.append(token.text)
        length += len(token.text)
        if length >= MOST_CHARACTERS:
            break
    return "".join(pieces)[:MOST_CHARACTERS]
