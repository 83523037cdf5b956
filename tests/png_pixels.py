"""PNG files taken apart by their own specification: pixels and texts, of what is written without filters."""

import struct
import zlib
from pathlib import Path

import numpy as np


def chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and data of each, their checksums found right."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = [], 8
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert content[at + 8 + length : at + 12 + length] == struct.pack(">I", zlib.crc32(kind + data))
        found.append((kind, data))
        at += 12 + length
    return found


def pixels(path: Path) -> np.ndarray:
    """(height, width, 3); of an animation the first frame."""
    parts = chunks(path.read_bytes())
    width, height = struct.unpack(">II", parts[0][1][:8])
    return unfiltered(width, height, b"".join(data for kind, data in parts if kind == b"IDAT"))


def frames(path: Path) -> list[np.ndarray]:
    """All frames of an animation."""
    parts = chunks(path.read_bytes())
    width, height = struct.unpack(">II", parts[0][1][:8])
    streams = [data if kind == b"IDAT" else data[4:] for kind, data in parts if kind in (b"IDAT", b"fdAT")]
    return [unfiltered(width, height, stream) for stream in streams]


def texts(path: Path) -> dict[str, str]:
    said = [data.split(b"\0", 1) for kind, data in chunks(path.read_bytes()) if kind == b"iTXt"]
    return {keyword.decode(): rest[4:].decode() for keyword, rest in said}


def unfiltered(width: int, height: int, stream: bytes) -> np.ndarray:
    rows = np.frombuffer(zlib.decompress(stream), np.uint8).reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3)
