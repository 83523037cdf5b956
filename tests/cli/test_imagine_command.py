"""``openbook imagine``: a picture, what was read back from it, and one line for everything that cannot be drawn."""

import json
from pathlib import Path

import pytest
from png_pixels import pixels, texts
from random_dit import random_folder

from openbook.report.png import png

CAPTION = "a red circle left of a blue square"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a denoiser of each kind."""
    folder = tmp_path_factory.mktemp("models")
    for name, told, world in (("free", "nothing", False), ("classes", "classes", False), ("world", "texts", True)):
        random_folder(folder / name, told, "int8", world)
    return folder


def test_a_class_is_drawn_and_nothing_is_claimed(run, models: Path, tmp_path: Path) -> None:
    done = run("imagine", "two", "--model", str(models / "classes"), "--seed", "3", "--scale", "2")
    assert done.code == 0
    assert "seed 3: drawn; nothing here can read such a picture, so look at it" in done.out
    assert "Written: picture.png" in done.out
    assert "the denoiser asked 4 times a picture" in done.out
    assert pixels(tmp_path / "picture.png").shape == (64, 64, 3)


def test_what_is_not_true_of_the_picture_is_said(run, models: Path, tmp_path: Path) -> None:
    """Weights of chance draw no circle: a caption that holds of no picture is not claimed, and the exit code tells."""
    done = run("imagine", CAPTION, "--model", str(models / "world"), "--count", "2", "--json")
    assert done.code == 1
    said = done.json
    assert [one["true"] for one in said["pictures"]] == [False, False]
    assert all(one["reasons"] for one in said["pictures"])
    assert (said["caption"], said["steps"], said["sampler"]) == (CAPTION, 4, "ddim")
    shown = run("imagine", CAPTION, "--model", str(models / "world"), "--count", "2")
    assert "The caption is true of 0 of 2 pictures." in shown.out
    assert "not as the caption says: " in shown.out


def test_a_seed_is_a_picture_whatever_is_drawn_beside_it(run, models: Path, tmp_path: Path) -> None:
    here = ("imagine", "one", "--model", str(models / "classes"), "--scale", "1")
    assert run(*here, "--seed", "5", "--count", "3", "--out", "three.png").code == 0
    assert run(*here, "--seed", "7", "--out", "one.png").code == 0
    assert run(*here, "--seed", "7", "--out", "again.png").code == 0
    three, one = pixels(tmp_path / "three.png"), pixels(tmp_path / "one.png")
    assert three.shape == (32, 3 * 32 + 2, 3)
    assert (three[:, 66:] == one).all()
    assert (three[:, :32] != one).any()
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "again.png").read_bytes()


def test_every_choice_changes_the_picture(run, models: Path, tmp_path: Path) -> None:
    ways = ((), ("--steps", "9"), ("--guidance", "5"), ("--sampler", "heun"), ("--sampler", "ddpm"), ("--seed", "1"))
    for number, way in enumerate(ways):
        assert run("imagine", "one", "--model", str(models / "classes"), *way, "--out", f"{number}.png").code == 0
    assert len({pixels(tmp_path / f"{number}.png").tobytes() for number in range(len(ways))}) == len(ways)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("a blue dog",), "captions have no word 'dog'"),
        (("seven", "--model", "classes"), "draws no seven: say one of zero, one, two"),
        (("two", "--model", "classes", "--steps", "0"), "0 steps over the 100 levels"),
        (("two", "--model", "classes", "--steps", "101"), "101 steps over the 100 levels"),
        (("two", "--model", "classes", "--guidance", "nan"), "a guidance of nan"),
        (("two", "--model", "classes", "--guidance", "inf"), "a guidance of inf"),
        (("two", "--model", "classes", "--guidance", "1e30"), "a guidance of 1e+30: take -1,000 to 1,000"),
        (("", "--model", "free", "--guidance", "3"), "was trained without a condition: give none, and leave guidance"),
        (("two", "--model", "classes", "--sampler", "best"), "there is no sampler 'best': name one of ddim"),
        (("two", "--model", "classes", "--count", "0"), "0 pictures at once: take 1 to 64"),
        (("two", "--model", "classes", "--count", "65"), "65 pictures at once"),
        (("two", "--model", "classes", "--seed", "-1"), "a seed of -1: take 0 to"),
        (("two", "--model", "classes", "--scale", "0"), "pixels enlarged by 0: take 1 to 64"),
        (("two", "--model", "classes", "--out", "two.jpg"), "two.jpg is no name for a picture: give a FILE.png"),
        (("two", "--model", "classes", "--out", "a/b/two.png"), "there is no folder"),
        (("two", "--model", "classes", "--count", "64", "--scale", "64"), "pixels together: take fewer"),
        (("two", "--model", "nowhere"), "no model in nowhere"),
        (("two", "--model", "classes-trained"), "classes-trained is as training left it: openbook compress"),
        (("a dog", "--model", "world"), "captions have no word 'dog'"),
        (("", "--model", "world"), "the caption is empty"),
        (("a red", "--model", "world"), "a shape comes after"),
        (("a red circle", "--model", "free"), "was trained without a condition: give an empty caption"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(run, models: Path, tmp_path: Path, arguments, line: str) -> None:
    named = [
        str(models / each) if each in ("classes", "classes-trained", "world", "free") else each for each in arguments
    ]
    done = run("imagine", *named)
    assert done.code == 2
    assert line in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert not [path for path in tmp_path.iterdir() if path.name != "cache"]


def test_only_a_picture_of_ours_gives_way(run, models: Path, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(png(4, 4, bytes(48)))
    (tmp_path / "text.png").write_text("no picture")
    for name in ("photo.png", "text.png"):
        before = (tmp_path / name).read_bytes()
        done = run("imagine", "two", "--model", str(models / "classes"), "--out", name)
        assert (done.code, done.err.strip()) == (
            2, f"openbook: {name} is there and no picture of ours: name another file")  # fmt: skip
        assert (tmp_path / name).read_bytes() == before
    here = ("imagine", "two", "--model", str(models / "classes"), "--out", "ours.png")
    assert (run(*here).code, run(*here, "--seed", "1").code) == (0, 0)


def test_the_picture_says_how_it_was_made(run, models: Path, tmp_path: Path) -> None:
    assert run("imagine", "two", "--model", str(models / "classes"), "--seed", "4").code == 0
    said = texts(tmp_path / "picture.png")
    assert (said["Software"], said["Description"]) == ("openbook", "two")
    assert json.loads(said["Comment"])["seed"] == 4


def test_compress_tells_what_a_denoiser_costs(
    run, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openbook.cli.compress_denoiser._SECONDS", 0.01)
    made = run("compress", str(models / "classes-trained"), "small", "--threads", "1", "--json")
    assert made.code == 0
    truth = made.json["truth"]
    assert 0 < truth["distance"]["prediction"] < 0.05
    assert made.json["bytes"] < truth["bytes"] / 2
    assert run("imagine", "two", "--model", "small").code == 0
    shown = run("compress", str(models / "classes-trained"), "small")
    assert "error of a prediction" in shown.out
    assert "written over what was compressed there before: small" in shown.err
    refused = run("compress", str(models / "classes-trained"), "four", "--to", "int4")
    assert (refused.code, refused.err.strip()) == (
        2, "openbook: a denoiser is made in int8 or fp32, not in int4: its kernels have no 4 bits")  # fmt: skip
