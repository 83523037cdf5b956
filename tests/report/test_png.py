"""A PNG holds the pixels that it was given, by a reading of its own chunks; what cannot be one is refused."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from png_pixels import chunks

from openbook.report.png import png
from openbook.report.problems import ReportProblem


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


def test_a_text_that_no_encoding_knows_is_escaped() -> None:
    (_, _), (kind, content), *_ = chunks(png(1, 1, bytes(3), {"Description": "odd \udcff name"}))
    assert (kind, content) == (b"iTXt", b"Description\0\0\0\0\0odd \\udcff name")


@pytest.mark.parametrize(("width", "height", "count"), [(0, 1, 0), (2, 2, 11), (1 << 20, 1 << 20, 3)])
def test_what_is_no_picture_is_refused(width: int, height: int, count: int) -> None:
    with pytest.raises(ReportProblem, match="pixels"):
        png(width, height, bytes(count))
