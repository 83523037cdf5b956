"""What ``openbook compress`` does: write the folder, and measure it beside the same model in floats."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np

from openbook import tokens
from openbook.cli.progress import counted
from openbook.compress.blocks import BLOCKS
from openbook.encode.side_by_side import usable_threads
from openbook.errors import MissingExtra, OpenbookError
from openbook.evaluate.fidelity import Fidelity, Ids, fidelity
from openbook.generate.onnx_folder import KIND, open_decoder_folder
from openbook.generate.onnx_session import OnnxSession
from openbook.generate.onnx_speed import Speed, bandwidth, speeds
from openbook.manifests import MANIFEST, read_manifest

WINDOW = 256
"""Tokens that are read together for perplexity, or the model's context where that is less."""


@dataclass(frozen=True, slots=True)
class Asked:
    """texts: sources to compare on; empty for the handbook. threads: None for all."""

    model: Path
    out: Path
    to: Literal["fp32", "int8", "int4"]
    block: int
    int8_activations: bool
    texts: tuple[str, ...]
    most_tokens: int
    threads: int | None


@dataclass(frozen=True, slots=True)
class Truth:
    """fp32, made: speeds and sizes of the files. bandwidth: bytes a second that memory was read with."""

    fidelity: Fidelity
    fp32: Speed
    made: Speed
    bandwidth: float
    threads: int
    where: str


@dataclass(frozen=True, slots=True)
class Compressed:
    asked: Asked
    bytes: int
    truth: Truth | None


def compressed(asked: Asked, *, measure: bool, quiet: bool) -> Compressed:
    """Raises OpenbookError; then nothing is written."""
    try:
        from openbook.compress.decoder_folder import Compression, compress_decoder
    except ModuleNotFoundError as missing:
        if missing.name not in ("onnx", "safetensors"):
            raise
        raise MissingExtra("compressing a model", "compress") from None
    if asked.block not in BLOCKS:
        raise OpenbookError(f"a block has {', '.join(map(str, BLOCKS))} inputs, not {asked.block}: choose one of these")
    _refuse_strangers(asked)
    how = Compression(asked.to, asked.block, asked.int8_activations)
    windows: Sequence[Ids] = _windows(asked) if measure else ()
    with counted("compressing", quiet=quiet) as at, TemporaryDirectory(prefix="openbook-fp32-") as scratch:
        compress_decoder(asked.model, asked.out, how)
        at(1, 3)
        size = open_decoder_folder(asked.out).model.stat().st_size
        if not measure:
            return Compressed(asked, size, None)
        compress_decoder(asked.model, Path(scratch) / "fp32", Compression("fp32"))
        at(2, 3)
        threads = usable_threads(asked.threads)
        fp32, made = (OnnxSession(open_decoder_folder(path), threads) for path in (Path(scratch) / "fp32", asked.out))
        said = fidelity(fp32.logits, made.logits, windows)
        timed = speeds({"fp32": fp32, "made": made})
        where = ", ".join(asked.texts) or "the handbook"
        truth = Truth(said, timed["fp32"], timed["made"], bandwidth(threads), threads, where)
        return Compressed(asked, size, truth)


def _windows(asked: Asked) -> Sequence[Ids]:
    """The texts' tokens, cut into windows. Raises OpenbookError where there are too few."""
    from openbook.labs.labelled import handbook
    from openbook.tokens.corpus import read

    tokenizer = tokens.load(asked.model)
    sources = asked.texts or (str(handbook()),)
    ids: list[int] = []
    for text in read(sources):
        ids += tokenizer.ids_batch([text.text])[0]
        if len(ids) >= asked.most_tokens:
            break
    length = min(WINDOW, _context(asked.model))
    kept = np.array(ids[: asked.most_tokens], dtype=np.int64)
    found = [kept[start : start + length] for start in range(0, len(kept), length)]
    found = [window for window in found if len(window) > 1]
    if not found:
        raise OpenbookError(f"{', '.join(sources)} holds no text to compare on: name another with --text")
    return found


def _context(folder: Path) -> int:
    from openbook.compress.checkpoint_weights import open_decoder

    with open_decoder(folder) as (config, _):
        return config.context


def _refuse_strangers(asked: Asked) -> None:
    """Only a new folder, an empty one, or one made here before gives way."""
    if asked.out.resolve() == asked.model.resolve():
        raise OpenbookError("MODEL and FOLDER are the same: name a new folder")
    if not asked.out.exists() or (asked.out.is_dir() and not any(asked.out.iterdir())):
        return
    ours = asked.out.is_dir() and (asked.out / MANIFEST).is_file()
    if not ours or read_manifest(asked.out / MANIFEST, "name another folder").get("kind") != KIND:
        raise OpenbookError(f"{asked.out} is there and holds something else: name a new folder")
