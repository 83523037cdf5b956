"""Animated PNG files: every viewer that knows them plays all frames, and any other shows the first (W3C PNG, third
edition, section 11.3.5).
"""

import struct
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from openbook.report.png import MOST_PIXELS, SIGNATURE, chunk, header_chunk, pixel_stream, text_chunk
from openbook.report.problems import ReportProblem

_FOREVER, _LEAVE, _REPLACE = 0, 0, 0


def apng(
    width: int,
    height: int,
    frames: Sequence[bytes],
    milliseconds: Sequence[int],
    said: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """The file's bytes, played again and again. frames: as ``png`` takes rgb, of one size; milliseconds: each stays.

    Raises ReportProblem for no frame, as many times as frames are not, more than ``MOST_PIXELS`` pixels in all, and
    times that a file cannot hold.
    """
    if not frames or len(frames) != len(milliseconds):
        raise ReportProblem(
            f"{len(frames)} frames and {len(milliseconds)} times: give one frame or more, and a time each"
        )
    if len(frames) * width * height > MOST_PIXELS:
        raise ReportProblem(f"{len(frames)} frames have more than {MOST_PIXELS:,} pixels in all: take fewer or smaller")
    if not all(0 < time < 2**16 for time in milliseconds):
        raise ReportProblem("a frame stays for 1 to 65,535 milliseconds")
    parts = [header_chunk(width, height), *(text_chunk(*one) for one in said.items())]
    parts.append(chunk(b"acTL", struct.pack(">II", len(frames), _FOREVER)))
    number = 0
    for place, (frame, time) in enumerate(zip(frames, milliseconds, strict=True)):
        shown = struct.pack(">IIIIIHHBB", number, width, height, 0, 0, time, 1000, _LEAVE, _REPLACE)
        parts.append(chunk(b"fcTL", shown))
        number += 1
        data = pixel_stream(width, height, frame)
        if place:  # the first frame is what a viewer shows that knows no animation
            parts.append(chunk(b"fdAT", struct.pack(">I", number) + data))
            number += 1
        else:
            parts.append(chunk(b"IDAT", data))
    return SIGNATURE + b"".join(parts) + chunk(b"IEND", b"")
