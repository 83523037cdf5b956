"""PNG files without a picture library: three bytes a pixel, one zlib stream (W3C PNG specification, third edition)."""

import struct
import zlib

from openbook.report.problems import ReportProblem

MOST_PIXELS = 50_000_000

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BITS, _TRUE_COLOUR = 8, 2


def png(width: int, height: int, rgb: bytes) -> bytes:
    """The file's bytes. rgb: red, green and blue of every pixel, row by row from the upper left.

    Raises ReportProblem for an empty picture, more than ``MOST_PIXELS`` pixels, and bytes that do not fit the size.
    """
    if not (width > 0 and height > 0 and width * height <= MOST_PIXELS):
        raise ReportProblem(f"a picture of {width:,} by {height:,} pixels cannot be written: 1 to {MOST_PIXELS:,} can")
    if len(rgb) != 3 * width * height:
        raise ReportProblem(f"{width} by {height} pixels are {3 * width * height:,} bytes, not {len(rgb):,}")
    stride = 3 * width
    rows = b"".join(b"\0" + rgb[start : start + stride] for start in range(0, len(rgb), stride))  # filter type 0: none
    header = struct.pack(">IIBBBBB", width, height, _EIGHT_BITS, _TRUE_COLOUR, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
