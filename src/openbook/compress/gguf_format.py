"""A GGUF file, version 3: metadata by name, then a list of tensors, then their content, each part aligned to 32 bytes.

Little-endian. A text is its length (8 bytes) and its UTF-8; a value is its type (4 bytes) and itself; a tensor's
dimensions stand from the fastest to the slowest, the other way round than numpy's. The layout is that of ggml's
``docs/gguf.md``; tests read what is written here with the ``gguf`` package of its authors.
"""

import os
import shutil
import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias

import numpy as np

from openbook.compress.q8_0 import BLOCK, BLOCK_BYTES, quantise_q8_0
from openbook.compress.quantise import Array
from openbook.errors import OpenbookError

MAGIC = b"GGUF"
Kind: TypeAlias = Literal["f32", "f16", "q8_0"]
KIND_NUMBER: Mapping[Kind, int] = {"f32": 0, "f16": 1, "q8_0": 8}

_VERSION = 3
_ALIGNMENT = 32
_UINT32, _INT32, _FLOAT32, _BOOL, _STRING, _ARRAY = 4, 5, 6, 7, 8, 9
_LARGEST_F16 = 65_504
_AT_ONCE = 1 << 22
"""Numbers that are converted together."""


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """shape: numpy's, (out, in) for a matrix. read: the content in FP32, asked for when it is written."""

    name: str
    shape: tuple[int, ...]
    kind: Kind
    read: Callable[[], Array]

    @property
    def bytes(self) -> int:
        numbers = int(np.prod(self.shape))
        return {"f32": numbers * 4, "f16": numbers * 2, "q8_0": numbers // BLOCK * BLOCK_BYTES}[self.kind]


def uint32(value: int) -> bytes:
    return struct.pack("<II", _UINT32, value)


def float32(value: float) -> bytes:
    return struct.pack("<If", _FLOAT32, value)


def boolean(value: bool) -> bytes:
    return struct.pack("<I?", _BOOL, value)


def string(value: str) -> bytes:
    return struct.pack("<I", _STRING) + _text(value)


def strings(values: Sequence[str]) -> bytes:
    return struct.pack("<IIQ", _ARRAY, _STRING, len(values)) + b"".join(map(_text, values))


def int32s(values: Sequence[int]) -> bytes:
    return struct.pack(f"<IIQ{len(values)}i", _ARRAY, _INT32, len(values), *values)


def write_gguf(
    path: Path, metadata: Mapping[str, bytes], tensors: Sequence[GgufTensor], written: Callable[[int], None]
) -> int:
    """Write the file whole or not at all, one tensor in memory at a time; its bytes.

    metadata: values as the functions above encode them. written: told after each tensor how many there are. Raises
    OpenbookError where the disk has no room or the place cannot be written.
    """
    header = _header(metadata, tensors)
    size = len(header) + sum(_aligned(each.bytes) for each in tensors)
    try:
        free = shutil.disk_usage(path.parent).free
        if free < size:
            raise OpenbookError(
                f"{path} would take {size / 1e6:,.0f} MB and the disk has room for {free / 1e6:,.0f}: make room, or"
                " write elsewhere"
            )
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
        partial = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(header)
                _write_tensors(file, tensors, written)
                file.flush()
                os.fsync(file.fileno())
            partial.chmod(0o644)
            partial.replace(path)
        except BaseException:
            with suppress(OSError):
                partial.unlink()
            raise
    except OSError as error:
        raise OpenbookError(f"cannot write {path}: {error.strerror or error}; make room, or write elsewhere") from error
    return size


def content(tensor: GgufTensor) -> Iterator[bytes]:
    """A tensor's bytes as the file holds them, some rows at a time. Raises OpenbookError for numbers beyond FP16."""
    array = tensor.read()
    rows = array.reshape(-1, array.shape[-1])
    step = max(1, _AT_ONCE // rows.shape[1])
    for start in range(0, len(rows), step):
        yield _encoded(tensor, rows[start : start + step])


def _encoded(tensor: GgufTensor, rows: Array) -> bytes:
    if tensor.kind == "f32":
        return rows.astype("<f4").tobytes()
    scale = 1 if tensor.kind == "f16" else 127  # of a block, the scale alone is FP16
    if float(np.abs(rows).max()) > _LARGEST_F16 * scale:
        raise OpenbookError(f"{tensor.name} holds numbers that FP16 cannot: export with --dtype f32")
    return rows.astype("<f2").tobytes() if tensor.kind == "f16" else quantise_q8_0(rows).tobytes()


def _write_tensors(file: BinaryIO, tensors: Sequence[GgufTensor], written: Callable[[int], None]) -> None:
    for number, tensor in enumerate(tensors, start=1):
        size = sum(file.write(part) for part in content(tensor))
        if size != tensor.bytes:
            raise OpenbookError(f"{tensor.name} is of another size than its file says: get the weights again")
        file.write(bytes(_aligned(size) - size))
        written(number)


def _header(metadata: Mapping[str, bytes], tensors: Sequence[GgufTensor]) -> bytes:
    """All before the content, filled up to the alignment."""
    parts = [MAGIC, struct.pack("<IQQ", _VERSION, len(tensors), len(metadata))]
    parts += [_text(name) + value for name, value in metadata.items()]
    places = accumulate((_aligned(each.bytes) for each in tensors), initial=0)
    for tensor, place in zip(tensors, places, strict=False):
        shape = tensor.shape[::-1]
        parts.append(_text(tensor.name))
        parts.append(struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, KIND_NUMBER[tensor.kind], place))
    return _filled(b"".join(parts))


def _text(value: str) -> bytes:
    encoded = value.encode("utf-8")
    return struct.pack("<Q", len(encoded)) + encoded


def _filled(part: bytes) -> bytes:
    return part + bytes(_aligned(len(part)) - len(part))


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
