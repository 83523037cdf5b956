"""``openbook see diffusion``: strips, films and sweeps, of models and of the perfect denoiser."""

import re
from pathlib import Path

import pytest
from png_pixels import frames, pixels
from random_dit import random_folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(random_folder(tmp_path_factory.mktemp("models") / "classes", "classes"))


def test_the_perfect_denoiser_draws_what_is_asked(run, tmp_path: Path) -> None:
    done = run("see", "diffusion", "--exact", "--out", "strip.png", "--steps", "12", "--json")
    assert done.code == 0
    assert done.json["true"] is True
    noise = [level["noise"] for level in done.json["levels"]]
    assert noise == sorted(noise, reverse=True)
    assert (len(noise), noise[-1]) == (13, 0)
    assert noise[0] > 0.99
    seen = pixels(tmp_path / "strip.png")
    assert seen.shape == (4 * (3 * 32 + 2), 4 * (9 * 32 + 8), 3)
    tile = {(row, column): seen[row * 132 :][:128, column * 132 :][:, :128] for row in range(3) for column in (0, 8)}
    assert (tile[1, 8] == tile[2, 8]).all()  # without noise the guess is the picture
    assert tile[0, 0].std() < 0.6 * tile[0, 8].std()  # forward: from paper with shapes to noise
    assert tile[1, 8].std() < 0.6 * tile[1, 0].std()  # and back


def test_a_page_has_all_of_it_and_loads_nothing(run, tmp_path: Path, model: str) -> None:
    assert run("see", "diffusion", "one", "--model", model).code == 0
    page = (tmp_path / "diffusion.html").read_text()
    assert "img-src data:" in page
    assert {"The film", "Steps and guidance"} <= set(re.findall("<h2>(.*?)</h2>", page))
    assert not [
        source for source in re.findall(r'(?:href|src)="([^"]*)', page) if not source.startswith("data:image/png")
    ]
    assert "nothing here can read the picture" in page


def test_without_a_caption_a_model_draws_its_first_class(run, tmp_path: Path, model: str) -> None:
    done = run("see", "diffusion", "--model", model, "--out", "strip.svg", "--steps", "2", "--json")
    assert (done.code, done.json["caption"]) == (0, "zero")
    nothing = random_folder(tmp_path / "nothing", "nothing")
    assert run("see", "diffusion", "--model", str(nothing), "--out", "strip.png", "--steps", "2").code == 0


@pytest.mark.parametrize(("steps", "one_way"), [(5, 6), (100, 60)])
def test_a_film_goes_there_and_back(run, tmp_path: Path, steps: int, one_way: int) -> None:
    assert run("see", "diffusion", "a red cross", "--exact", "--out", "film.apng", "--steps", str(steps)).code == 0
    found = frames(tmp_path / "film.apng")
    assert len(found) == 2 * one_way
    spread = [frame[:, :128].std() for frame in found]
    assert spread[0] < spread[one_way - 1] > spread[-1]


@pytest.mark.parametrize("name", ["sweep.png", "sweep.svg"])
def test_a_sweep_has_a_row_for_each_guidance(run, tmp_path: Path, model: str, name: str) -> None:
    done = run("see", "diffusion", "one", "--model", model, "--sweep", "--out", name, "--json")
    assert done.code == 0
    ways = [(one["guidance"], one["steps"], one["true"]) for one in done.json["pictures"]]
    assert ways == [(guidance, steps, None) for guidance in (0, 1, 2, 4, 8) for steps in (1, 2, 4, 8, 16, 32)]
    if name.endswith("png"):
        assert pixels(tmp_path / name).shape == (4 * (5 * 32 + 4), 4 * (6 * 32 + 5), 3)
    else:
        text = (tmp_path / name).read_text()
        assert text.count("<image") == 30
        assert "guidance 8" in text


def test_a_strip_of_a_model_has_no_picture_to_begin_with(run, tmp_path: Path, model: str) -> None:
    assert run("see", "diffusion", "one", "--model", model, "--out", "strip.svg", "--sampler", "heun").code == 0
    text = (tmp_path / "strip.svg").read_text()
    assert text.count("<image") == 2 * 5
    assert re.findall(r"noise (\d+)%", text)[:5] == ["100", "86", "51", "15", "0"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("a blue dog",), "captions have no word 'dog'"),
        (("--out", "strip.gif"), "strip.gif ends in none of .html, .png, .apng and .svg"),
        (("--out", "strip.apng", "--sweep"), "a sweep does not move"),
        (("--out", "sweep.png", "--sweep", "--steps", "3"), "a sweep has steps and guidances of its own"),
        (("--steps", "0", "--out", "strip.png"), "0 steps over the 1000 levels"),
        (("--guidance", "nan", "--out", "strip.png"), "a guidance of nan"),
        (("--model", "nowhere"), "no model in nowhere"),
        (("--model", "nowhere", "--exact"), "give one of --exact and --model"),
    ],
)
def test_what_cannot_be_seen_of_it_is_one_line(run, tmp_path: Path, arguments, line: str) -> None:
    done = run("see", "diffusion", *arguments)
    assert (done.code, len(done.err.strip().splitlines())) == (2, 1)
    assert line in done.err
    assert not [path for path in tmp_path.iterdir() if path.name != "cache"]
