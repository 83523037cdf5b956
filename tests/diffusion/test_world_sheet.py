"""A sheet carries every picture with its caption, as XML that any program reads; pixels are those of the picture."""

import zlib
from base64 import b64encode
from xml.etree import ElementTree

import numpy as np
import pytest

from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.world.captions import caption
from openbook.diffusion.world.render import drawn
from openbook.diffusion.world.sheet import MOST, pixels, png_of, sheet
from openbook.diffusion.world.splits import drawn_scene

SVG = "{http://www.w3.org/2000/svg}"


def test_every_picture_is_there_with_all_words_of_its_caption_and_note() -> None:
    rng = np.random.default_rng([23, 1])
    scenes = [drawn_scene("training", rng) for _ in range(7)]
    pictures = [drawn(scene, rng) for scene in scenes]
    captions = [caption(scene) for scene in scenes]
    notes = [f"note <{place}> & more" for place in range(7)]
    root = ElementTree.fromstring(sheet("Seven", pictures, captions, columns=3, notes=notes).text)
    images = root.findall(f"{SVG}image")
    assert [image.get("href") for image in images] == [
        "data:image/png;base64," + b64encode(png_of(picture, 4)).decode() for picture in pictures
    ]
    words = " ".join(text.text or "" for text in root.findall(f"{SVG}text"))
    assert "…" not in words
    for said in (*captions, *notes):
        assert set(said.split()) <= set(words.split())
    height = float(root.get("height", "0"))
    for image in images:
        assert 0 <= float(image.get("x", "")) <= 720 - float(image.get("width", ""))
        assert float(image.get("y", "")) + float(image.get("height", "")) < height


def test_pixels_go_from_black_to_white_and_are_cut_off_beyond() -> None:
    picture = np.stack([np.full((2, 3), value, np.float32) for value in (-1.5, 0.0, 1.5)])
    assert pixels(picture).shape == (2, 3, 3)
    np.testing.assert_array_equal(pixels(picture)[0, 0], [0, 128, 255])
    file = png_of(picture, 2)
    place = file.index(b"IDAT") + 4
    rows = zlib.decompress(file[place:])
    assert rows == (b"\0" + bytes([0, 128, 255]) * 6) * 4


@pytest.mark.parametrize("bad", [np.zeros((2, 2)), np.zeros((4, 2, 2)), np.full((3, 2, 2), np.inf)])
def test_what_is_no_picture_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(DiffusionProblem, match="finite"):
        pixels(bad)


def test_a_sheet_is_bounded_and_complete() -> None:
    one = np.zeros((3, 4, 4), np.float32)
    for pictures, captions, columns in (([], [], 2), ([one] * (MOST + 1), ["a"] * (MOST + 1), 2), ([one], ["a"], 0)):
        with pytest.raises(DiffusionProblem, match="1 to"):
            sheet("no", pictures, captions, columns=columns)
    with pytest.raises(DiffusionProblem, match="as many"):
        sheet("no", [one], ["a", "b"])
    with pytest.raises(DiffusionProblem, match="as many"):
        sheet("no", [one], ["a"], notes=["a", "b"])
