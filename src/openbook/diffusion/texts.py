"""Texts as a denoiser is told them: token vectors of the shipped encoder, which does not learn, once for each text."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.problems import DiffusionProblem
from openbook.encode.token_states import TokenEncoder
from openbook.json_lines import shortened


def encoded(texts: Sequence[str], tokens: int, encoder: TokenEncoder) -> NDArray[np.float16]:
    """(texts, tokens, width) FP16: unit rows for each text's tokens, zeros after its end.

    Raises DiffusionProblem as ``check_text`` does.
    """
    found = np.zeros((len(texts), tokens, encoder.dim), np.float16)
    for place, (text, states) in enumerate(zip(texts, encoder(texts), strict=True)):
        count = len(states.ids)
        check_text(text, count, tokens)
        found[place, :count] = states.vectors
    return found


def check_text(text: str, count: int, tokens: int) -> None:
    """count: the text's tokens. Raises DiffusionProblem for none, and for more than ``tokens``."""
    if not count:
        raise DiffusionProblem("a text is empty: say what is to be drawn")
    if count > tokens:
        raise DiffusionProblem(
            f"a text of {count} tokens where {tokens} are read ({shortened(text)}): write a shorter one, or train "
            "with a larger data.tokens"
        )
