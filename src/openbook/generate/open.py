"""A model by the string that names it, as options and settings do."""

from pathlib import Path

from openbook.errors import MissingExtra, OpenbookError
from openbook.json_lines import shortened
from openbook.protocols import LanguageModel

SHIPPED_WRITER = Path(__file__).parent.parent / "weights" / "writer"

ACCEPTED = (
    "writer, the shipped one, onnx:FOLDER that openbook compress made, torch:FOLDER of a checkpoint, or "
    "http(s)://HOST:PORT/v1#MODEL of an OpenAI-compatible server"
)


def open_model(spec: str, memory: int | None = None) -> LanguageModel:
    """memory: the most bytes that a model of onnx:FOLDER may take, which alone keeps to a bound.

    Raises OpenbookError, in one line, for anything else, and MissingExtra where the engine is not installed."""
    if spec == "writer":
        spec = f"onnx:{SHIPPED_WRITER}"
    if memory is not None and not spec.startswith("onnx:"):
        raise OpenbookError("only a model of onnx:FOLDER keeps to a bound of memory: name one, or leave out --memory")
    if spec.startswith(("http://", "https://")):
        from openbook.generate.remote import open_remote

        return open_remote(spec)
    kind, _, where = spec.partition(":")
    if kind not in ("onnx", "torch") or not where:
        raise OpenbookError(f"{shortened(spec)!r} names no model: use {ACCEPTED}")
    folder = Path(where).expanduser()
    if not folder.is_dir():
        raise OpenbookError(f"there is no folder {shortened(where, 200)}: name that of a model")
    if kind == "onnx":
        from openbook.generate.onnx_engine import open_onnx

        return open_onnx(folder, memory=memory)
    try:
        from openbook.generate.torch_engine import open_torch
    except ImportError:
        raise MissingExtra("a model on this machine", "train") from None
    return open_torch(folder)
