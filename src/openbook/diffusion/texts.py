"""Texts as a denoiser is told them: token vectors of the shipped encoder, which does not learn, once for each text."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.problems import DiffusionProblem
from openbook.encode.token_states import TokenEncoder
from openbook.json_lines import shortened


def encoded(texts: Sequence[str], tokens: int, encoder: TokenEncoder) -> NDArray[np.float16]:
    """(texts, tokens, width) FP16: unit rows for each text's tokens, zeros after its end.

    Raises DiffusionProblem for a text of no tokens, and for one of more than ``tokens``.
    """
    found = np.zeros((len(texts), tokens, encoder.dim), np.float16)
    for place, (text, states) in enumerate(zip(texts, encoder(texts), strict=True)):
        count = len(states.ids)
        if not count:
            raise DiffusionProblem("a text is empty: say what is to be drawn")
        if count > tokens:
            raise DiffusionProblem(
                f"a text of {count} tokens where {tokens} are read ({shortened(text)}): write a shorter one, or train "
                "with a larger data.tokens"
            )
        found[place, :count] = states.vectors
    return found
