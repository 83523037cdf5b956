"""PNG files without a picture library: three bytes a pixel, one zlib stream (W3C PNG specification, third edition)."""

import struct
import zlib
from collections.abc import Mapping
from types import MappingProxyType

from openbook.report.problems import ReportProblem

MOST_PIXELS = 50_000_000

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BITS, _TRUE_COLOUR = 8, 2


def png(width: int, height: int, rgb: bytes, said: Mapping[str, str] = MappingProxyType({})) -> bytes:
    """The file's bytes. rgb: red, green and blue of every pixel, row by row from the upper left.

    said: texts by their keywords, such as Software and Description (section 11.3.3). Raises ReportProblem for an empty
    picture, more than ``MOST_PIXELS`` pixels, and bytes that do not fit the size.
    """
    texts = b"".join(text_chunk(keyword, text) for keyword, text in said.items())
    data = chunk(b"IDAT", pixel_stream(width, height, rgb))
    return SIGNATURE + header_chunk(width, height) + texts + data + chunk(b"IEND", b"")


def pixel_stream(width: int, height: int, rgb: bytes) -> bytes:
    """Every row without a filter (type 0), as one zlib stream. Raises ReportProblem as ``png`` does."""
    if not (width > 0 and height > 0 and width * height <= MOST_PIXELS):
        raise ReportProblem(f"a picture of {width:,} by {height:,} pixels cannot be written: 1 to {MOST_PIXELS:,} can")
    if len(rgb) != 3 * width * height:
        raise ReportProblem(f"{width} by {height} pixels are {3 * width * height:,} bytes, not {len(rgb):,}")
    stride = 3 * width
    return zlib.compress(b"".join(b"\0" + rgb[start : start + stride] for start in range(0, len(rgb), stride)), 9)


def header_chunk(width: int, height: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, _EIGHT_BITS, _TRUE_COLOUR, 0, 0, 0))


def text_chunk(keyword: str, text: str) -> bytes:
    """An international text, UTF-8, not compressed, of no language. What UTF-8 cannot say is escaped: \\udcff."""
    return chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8", "backslashreplace"))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
