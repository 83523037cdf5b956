"""A compressed decoder at work without torch."""

from pathlib import Path

from openbook import tokens
from openbook.encode.side_by_side import usable_threads
from openbook.errors import OpenbookError
from openbook.generate.grounded import Grounded
from openbook.generate.local import LocalModel, ends_of
from openbook.generate.memory import Memory
from openbook.generate.onnx_folder import open_decoder_folder
from openbook.generate.onnx_reading import OnnxEngine
from openbook.generate.onnx_session import OnnxSession
from openbook.generate.render import Rendering, opening_of
from openbook.generate.template import find_template

_FLOAT_NOISE, _ROUNDED_NOISE = 1e-4, 0.05
"""Seen between passes of one and of many tokens were 3e-6 and 0.026 standard deviations of a place's logits."""

_TELLING = 4
"""Bits of the weights whose products may compute a row otherwise when it is alone; of the others none was seen to."""


def open_onnx(folder: Path, threads: int | None = None, memory: int | None = None) -> LocalModel:
    """The model that ``openbook compress`` made, on ``threads`` cores (all that this process may use).

    memory: the most bytes for weights, keys and values. Raises OpenbookError where the folder is none, or a file is not
    the one that its manifest names, and OverMemory.
    """
    found = open_decoder_folder(folder)
    tokenizer = tokens.load(folder)
    shape = found.shape
    if tokenizer.size > shape.vocabulary:
        raise OpenbookError(
            f"{tokenizer.where} has {tokenizer.size:,} tokens and the model {shape.vocabulary:,}: they do not belong "
            "together; make the folder again with openbook compress"
        )
    session = OnnxSession(found, usable_threads(threads), Memory(memory))
    engine = OnnxEngine(session)
    name = f"onnx:{folder.resolve().name}@{found.digest[:16]}"
    rendering = (
        Grounded(tokenizer) if found.grounded else Rendering(tokenizer, find_template(folder), opening_of(tokenizer))
    )
    ends = ends_of(folder, found.ends, shape.vocabulary, tokenizer)
    noise = _ROUNDED_NOISE if found.rounds else _FLOAT_NOISE
    together = found.rowwise and (shape.bits != _TELLING or session.alike_in_rows())
    rows = engine.rows if together else None
    return LocalModel(name, shape.context, shape.vocabulary, engine.begin, tokenizer, rendering, ends, rows, noise)
