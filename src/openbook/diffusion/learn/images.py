"""A folder of pictures, read by Pillow and made alike: one size, one mode, upright; what is broken is named.

A picture's class is the folder inside the given one that it lies in; its text is in NAME.txt beside NAME.png.
"""

import struct
import warnings
import zlib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.learn.pictures import Pictures
from openbook.diffusion.learn.recipe import Data
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.texts import check_text, encoded
from openbook.encode.token_states import open_token_encoder
from openbook.errors import MissingExtra
from openbook.json_lines import shortened
from openbook.train.texts import files_of

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
MOST_PIXELS = 50_000_000
"""Of one picture, before it is made smaller."""

MOST_BYTES = 4_000_000_000
"""Of all pictures together as they are kept, a byte a colour of a pixel."""

_LONGEST_TEXT = 10_000  # bytes
_SIXTEEN_BITS = ("I", "I;16", "I;16B", "I;16L", "I;16N")
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)
"""What Pillow's readers raise for bytes that are no picture."""


def images(data: Data, folder: Path) -> Pictures:
    """Every picture of the folder and of those below, by name, as ``data`` wants them.

    Raises DiffusionProblem for a folder that is not there or has no picture that can be used, MissingExtra without
    Pillow.
    """
    if not folder.is_dir():
        raise DiffusionProblem(
            f"there is no folder {folder}: set data.pictures to a folder of pictures, or to digits or world"
        )
    files = [file for file in files_of(folder) if file.suffix.lower() in SUFFIXES]
    if len(files) * data.channels * data.size**2 > MOST_BYTES:
        raise DiffusionProblem(
            f"{folder} has {len(files):,} pictures, which at data.size = {data.size} take over {MOST_BYTES:,} bytes: "
            "take fewer, or a smaller size"
        )
    encoder = open_token_encoder() if data.condition == "text" else None
    found: list[NDArray[np.uint8]] = []
    said: list[str] = []
    left_out: list[tuple[str, str]] = []
    for file in files:
        name = str(file.relative_to(folder))
        try:
            label = _label(data, file, folder)
            if encoder is not None:
                check_text(label, len(encoder.ids(label)), data.tokens)
            found.append(read(file, data.size, data.channels))
            said.append(label)
        except DiffusionProblem as problem:
            left_out.append((name, str(problem)))
    if not found:
        why = f"; the first, {left_out[0][0]}: {left_out[0][1]}" if left_out else ""
        raise DiffusionProblem(
            f"{folder} has no picture that can be used ({len(files):,} files of a picture's name{why}): give another "
            "data.pictures"
        )
    values = np.stack(found)
    if data.condition == "none":
        return Pictures(values, np.zeros(len(found), np.int64), left_out=tuple(left_out))
    names = tuple(sorted(set(said)))
    labels = np.array([names.index(label) for label in said], np.int64)
    vectors = None if encoder is None else encoded(names, data.tokens, encoder)
    return Pictures(values, labels, names, vectors, tuple(left_out))


def read(file: Path, size: int, channels: int) -> NDArray[np.uint8]:
    """(channels, size, size): turned as its camera says, on white where it is clear, its middle square, made to size.

    Raises DiffusionProblem, which says what is wrong and not with which file; MissingExtra without Pillow.
    """
    try:
        library, operations = (import_module(f"PIL.{name}") for name in ("Image", "ImageOps"))
    except ModuleNotFoundError:
        raise MissingExtra("a folder of pictures", "pictures") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its warning of large pictures: the bound is ours
        try:
            with library.open(file) as image:
                width, height = image.size
                if width * height > MOST_PIXELS:
                    raise DiffusionProblem(f"{width:,} by {height:,} pixels are more than {MOST_PIXELS:,}")
                image.draft(None, (2 * size, 2 * size))  # a JPEG is read no finer than is needed
                upright = operations.exif_transpose(_eight_bits(image, library))
                alike = _on_white(upright, library).convert("L" if channels == 1 else "RGB")
        except (library.DecompressionBombError, MemoryError):
            raise DiffusionProblem(f"its pixels are more than {MOST_PIXELS:,}") from None
        except _BROKEN as error:
            raise DiffusionProblem(shortened(" ".join(str(error).split()) or type(error).__name__, 80)) from None
    fitted = operations.fit(alike, (size, size), library.Resampling.LANCZOS)
    pixels = np.asarray(fitted, np.uint8).reshape(size, size, channels)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _eight_bits(image: Any, library: Any) -> Any:
    """Sixteen bits of grey as eight, which Pillow alone would cut off at 255."""
    if image.mode not in _SIXTEEN_BITS:
        image.load()
        return image
    grey = np.asarray(image).astype(np.float64)
    return library.fromarray(np.clip(grey / 257, 0, 255).round().astype(np.uint8))


def _on_white(image: Any, library: Any) -> Any:
    if not image.has_transparency_data:
        return image
    clear = image.convert("RGBA")
    ground = library.new("RGBA", clear.size, (255, 255, 255, 255))
    return library.alpha_composite(ground, clear)


def _label(data: Data, file: Path, folder: Path) -> str:
    """The class or the text of a picture, "" where none is asked for."""
    if data.condition == "none":
        return ""
    if data.condition == "class":
        parts: Sequence[str] = file.relative_to(folder).parts
        if len(parts) < 2:
            raise DiffusionProblem(f"it lies in no folder inside {folder.name}, which would be its class")
        return parts[0]
    place = file.with_suffix(".txt")
    try:
        with place.open("rb") as opened:
            text = " ".join(opened.read(_LONGEST_TEXT + 1).decode("utf-8").split())
    except (OSError, UnicodeDecodeError):
        raise DiffusionProblem(f"there is no {place.name} beside it that holds its text, in UTF-8") from None
    if not text or len(text) > _LONGEST_TEXT:
        raise DiffusionProblem(f"{place.name} beside it is empty or over {_LONGEST_TEXT:,} characters")
    return text
