"""Many pictures with their captions on one sheet: an SVG that carries each picture as a PNG."""

from base64 import b64encode
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.world.render import Picture
from openbook.report.frame import MARGIN, heading
from openbook.report.palette import INK, MUTED
from openbook.report.png import png
from openbook.report.svg import WIDTH, Svg, document, element, label, lines_of

MOST = 1000
"""Pictures on one sheet."""

_SPACE, _LINE, _FONT = 12.0, 14.0, 11.0  # pixels between pictures, from line to line, and of the letters
_SHARP = 4  # pixels for one, for programs that smooth what they enlarge


def pixels(picture: Picture) -> NDArray[np.uint8]:
    """(height, width, 3) in 0 to 255 of (3, height, width) in -1 to 1; what lies beyond is cut off.

    Raises DiffusionProblem for another shape, and for numbers that are not finite.
    """
    if picture.ndim != 3 or picture.shape[0] != 3 or not np.isfinite(picture).all():
        raise DiffusionProblem(f"a picture is (3, height, width) of finite numbers, not {picture.shape}: mend it")
    return np.rint((np.clip(picture, -1, 1).transpose(1, 2, 0) + 1) * 127.5).astype(np.uint8)


def png_of(picture: Picture, scale: int = 1) -> bytes:
    """A PNG file, each pixel ``scale`` by ``scale`` large."""
    large = pixels(picture).repeat(scale, 0).repeat(scale, 1)
    return png(large.shape[1], large.shape[0], large.tobytes())


def sheet(
    title: str, pictures: Sequence[Picture], captions: Sequence[str], *, columns: int = 6, notes: Sequence[str] = ()
) -> Svg:
    """The pictures in rows, each above its caption and its note, which is muted.

    notes: one a picture, such as what a checker found; or none. Raises DiffusionProblem for none or more than ``MOST``
    pictures, and for captions or notes that are not as many.
    """
    if not 0 < len(pictures) <= MOST or columns < 1:
        raise DiffusionProblem(f"a sheet holds 1 to {MOST} pictures in one or more columns, not {len(pictures)}")
    if len(captions) != len(pictures) or (notes and len(notes) != len(pictures)):
        raise DiffusionProblem(f"{len(pictures)} pictures need as many captions and notes")
    parts, y = heading(title)
    side = (WIDTH - 2 * MARGIN - (columns - 1) * _SPACE) / columns
    for start in range(0, len(pictures), columns):
        row = range(start, min(start + columns, len(pictures)))
        texts = [
            [(line, INK) for line in lines_of(captions[place], side, 6, _FONT)]
            + [(line, MUTED) for line in (lines_of(notes[place], side, 6, _FONT) if notes else [])]
            for place in row
        ]
        for column, (place, lines) in enumerate(zip(row, texts, strict=True)):
            x = MARGIN + column * (side + _SPACE)
            parts.append(_image(pictures[place], x, y + 8, side))
            parts += [
                label(x, y + 8 + side + _LINE * number, line, size=_FONT, shade=shade)
                for number, (line, shade) in enumerate(lines, start=1)
            ]
        y += 8 + side + _LINE * max(map(len, texts)) + _SPACE
    return document(y + MARGIN / 2, title, "; ".join(captions), *parts)


def _image(picture: Picture, x: float, y: float, side: float) -> str:
    source = "data:image/png;base64," + b64encode(png_of(picture, _SHARP)).decode("ascii")
    style = "image-rendering:pixelated"
    return element("image", {"x": x, "y": y, "width": side, "height": side, "href": source, "style": style})
