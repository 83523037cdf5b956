"""A folder of pictures: mixed sizes and modes made alike, broken files named, bounds held."""

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openbook.diffusion.learn import images as room
from openbook.diffusion.learn.images import images, read
from openbook.diffusion.learn.pictures import Pictures
from openbook.diffusion.learn.recipe import Data
from openbook.diffusion.problems import DiffusionProblem

library: Any = pytest.importorskip("PIL.Image")


def flat(mode: str, colour: Any, size: tuple[int, int] = (20, 10)) -> Any:
    return library.new(mode, size, colour)


def data(folder: Path, **more: Any) -> Data:
    return Data(str(folder), **{"size": 8, **more})


def of_folder(folder: Path, **more: Any) -> Pictures:
    return images(data(folder, **more), folder)


@pytest.mark.parametrize(
    ("name", "picture", "expected"),
    [
        ("rgb.png", flat("RGB", (10, 20, 30)), (10, 20, 30)),
        ("grey.png", flat("L", 77), (77, 77, 77)),
        ("one.png", flat("1", 1), (255, 255, 255)),
        ("palette.png", flat("RGB", (200, 0, 0)).convert("P", palette=library.Palette.ADAPTIVE), (200, 0, 0)),
        ("clear.png", flat("RGBA", (0, 0, 0, 0)), (255, 255, 255)),
        ("half.png", flat("RGBA", (255, 0, 0, 128)), (255, 127, 127)),
        ("grey-alpha.png", flat("LA", (0, 0)), (255, 255, 255)),
        ("deep.png", flat("I;16", 65535), (255, 255, 255)),
        ("half-deep.png", flat("I;16", 257 * 100), (100, 100, 100)),
        ("print.jpg", flat("CMYK", (0, 0, 0, 255), (64, 64)), (0, 0, 0)),
        ("photo.jpg", flat("RGB", (90, 90, 90), (300, 200)), (90, 90, 90)),
        ("moving.gif", flat("P", 0), (0, 0, 0)),
    ],
)
def test_every_mode_and_size_becomes_one(tmp_path: Path, name: str, picture: Any, expected: tuple[int, ...]) -> None:
    picture.save(tmp_path / name)
    found = read(tmp_path / name, 8, 3)
    assert found.shape == (3, 8, 8)
    assert found.dtype == np.uint8
    assert np.abs(found.mean(axis=(1, 2)) - expected).max() <= 2
    assert read(tmp_path / name, 4, 1).shape == (1, 4, 4)


def test_the_middle_square_is_kept_and_turned_upright(tmp_path: Path) -> None:
    wide = flat("RGB", (255, 0, 0), (30, 10))
    wide.paste(flat("RGB", (0, 0, 255), (10, 10)), (10, 0))
    wide.save(tmp_path / "wide.png")
    assert (read(tmp_path / "wide.png", 10, 3)[:, 5, 5] == (0, 0, 255)).all()
    assert read(tmp_path / "wide.png", 10, 3)[0].max() == 0
    tall = flat("RGB", (255, 255, 255), (10, 10))
    tall.paste(flat("RGB", (0, 0, 0), (10, 5)), (0, 0))  # dark above
    turned = library.Exif()
    turned[0x0112] = 3  # upside down
    tall.save(tmp_path / "tall.png", exif=turned)
    found = read(tmp_path / "tall.png", 10, 1)[0]
    assert found[:4].min() == 255
    assert found[6:].max() == 0


def test_what_is_broken_is_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    flat("RGB", (1, 2, 3)).save(tmp_path / "good.png")
    content = (tmp_path / "good.png").read_bytes()
    (tmp_path / "short.png").write_bytes(content[: len(content) // 2])
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / ".hidden.png").write_bytes(b"")
    (tmp_path / "notes.md").write_text("not meant")
    found = of_folder(tmp_path)
    assert len(found.values) == 1
    assert [name for name, _ in found.left_out] == ["empty.png", "short.png", "text.jpg"]
    assert all(why and "\n" not in why for _, why in found.left_out)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part)) for kind, part in chunks
    )


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_pixels_are_bounded_before_they_are_read(tmp_path: Path, side: int) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb(side, side))
    with pytest.raises(DiffusionProblem, match="more than 50,000,000"):
        read(tmp_path / "bomb.png", 8, 3)


def test_all_pictures_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flat("L", 3).save(tmp_path / "one.png")
    monkeypatch.setattr(room, "MOST_BYTES", 100)
    with pytest.raises(DiffusionProblem, match="take fewer, or a smaller size"):
        of_folder(tmp_path)


def test_a_class_is_the_folder_that_a_picture_lies_in(tmp_path: Path) -> None:
    for name in ("dogs/a.png", "cats/b.png", "cats/more/c.png", "stray.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        flat("L", 9).save(tmp_path / name)
    found = of_folder(tmp_path, condition="class")
    assert found.names == ("cats", "dogs")
    assert found.labels.tolist() == [0, 0, 1]
    assert found.left_out[0][0] == "stray.png"
    assert of_folder(tmp_path).names == ()


def test_a_text_stands_beside_its_picture_and_is_encoded_once(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "silent", "blank", "long"):
        flat("L", 9).save(tmp_path / f"{name}.png")
    for name, text in (
        ("a", "a red circle"),
        ("b", " a  red\ncircle "),
        ("c", "a blue square"),
        ("blank", " "),
        ("long", "a " * 6),
    ):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    found = of_folder(tmp_path, condition="text", tokens=5)
    assert found.names == ("a blue square", "a red circle")
    assert found.labels.tolist() == [1, 1, 0]
    assert found.vectors is not None
    assert found.vectors.shape == (2, 5, 384)
    assert [name for name, _ in found.left_out] == ["blank.png", "long.png", "silent.png"]
    given = found.given(found.labels[:1])
    assert given is not None
    assert np.array_equal(given[0].numpy(), found.vectors[1])


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_without_pictures_is_said_in_one_line(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "none"
    if made:
        folder.mkdir()
        (folder / "a.png").write_bytes(b"no")
    with pytest.raises(DiffusionProblem) as caught:
        of_folder(folder)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert ("a.png" in str(caught.value)) is made
