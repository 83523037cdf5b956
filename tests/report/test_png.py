"""A PNG holds the pixels that it was given, by a reading of its own chunks; what cannot be one is refused."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.report.png import png
from openbook.report.problems import ReportProblem


def chunks(file: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks after the signature, each with its checksum compared."""
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    found, place = [], 8
    while place < len(file):
        (length,) = struct.unpack(">I", file[place : place + 4])
        kind, data = file[place + 4 : place + 8], file[place + 8 : place + 8 + length]
        assert struct.unpack(">I", file[place + 8 + length : place + 12 + length])[0] == zlib.crc32(kind + data)
        found.append((kind, data))
        place += 12 + length
    return found


@given(st.integers(1, 9), st.integers(1, 9), st.randoms(use_true_random=False))
def test_the_pixels_come_back(width, height, random) -> None:
    rgb = random.randbytes(3 * width * height)
    (header, about), (body, data), (end, nothing) = chunks(png(width, height, rgb))
    assert (header, body, end, nothing) == (b"IHDR", b"IDAT", b"IEND", b"")
    assert struct.unpack(">IIBBBBB", about) == (width, height, 8, 2, 0, 0, 0)  # 8 bits, true colour
    rows = zlib.decompress(data)
    stride = 3 * width + 1
    assert all(rows[start] == 0 for start in range(0, len(rows), stride))
    assert b"".join(rows[start + 1 : start + stride] for start in range(0, len(rows), stride)) == rgb


@pytest.mark.parametrize(("width", "height", "count"), [(0, 1, 0), (2, 2, 11), (1 << 20, 1 << 20, 3)])
def test_what_is_no_picture_is_refused(width: int, height: int, count: int) -> None:
    with pytest.raises(ReportProblem, match="pixels"):
        png(width, height, bytes(count))
