"""A compressed denoiser says what the torch module says, and its folder is checked before it is believed."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from random_dit import TEXT_WIDTH, Kind, described, random_denoiser, random_folder

from openbook.diffusion.edge_distance import edge_distance
from openbook.diffusion.forward import begun
from openbook.diffusion.learn.compress_denoiser import write_denoiser
from openbook.diffusion.learn.denoiser import denoise_of
from openbook.diffusion.onnx_denoiser import opened
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.samplers.names import SAMPLERS
from openbook.diffusion.samplers.sample import sampled
from openbook.errors import OpenbookError


def told_things(told: Kind, batch: int) -> np.ndarray | None:
    """Classes, or texts of two to four tokens; none of the network that is told nothing."""
    if told == "classes":
        return np.arange(batch, dtype=np.int64) % 3
    if told == "nothing":
        return None
    rows = np.random.default_rng(5).standard_normal((batch, 12, TEXT_WIDTH), np.float32)
    rows /= np.linalg.norm(rows, axis=2, keepdims=True)
    for row in range(batch):
        rows[row, 2 + row :] = 0
    return rows


@pytest.mark.parametrize("told", ["nothing", "classes", "texts"])
@pytest.mark.parametrize(("size", "channels", "prediction"), [(32, 3, "velocity"), (8, 1, "noise"), (12, 1, "data")])
def test_graph_and_module_predict_the_same(tmp_path: Path, told: Kind, size, channels, prediction) -> None:
    said = described(told, size, channels, prediction)
    module = random_denoiser(said)
    write_denoiser(module, said, tmp_path / "edge", "fp32")
    edge = opened(tmp_path / "edge")
    x = np.random.default_rng(1).standard_normal((3, channels, size, size), np.float32)
    given = told_things(told, 3)
    guidances = (1.0,) if given is None else (0.0, 1.0, 3.5)
    for level in said.diffusion.schedule().picked([0, 40, 90]):
        for guidance in guidances:
            want = denoise_of(module, prediction, None if given is None else torch.from_numpy(given), guidance)(
                x, level
            )
            got = edge.told(given, guidance)(x, level)
            assert got.dtype == np.float32
            assert np.abs(got - want).max() < 1e-5 * max(1.0, np.abs(want).max())


@pytest.mark.parametrize("told", ["classes", "texts"])
def test_nothing_told_is_what_the_condition_left_out_is(tmp_path: Path, told: Kind) -> None:
    said = described(told, 8, 1)
    module = random_denoiser(said)
    write_denoiser(module, said, tmp_path / "edge", "fp32")
    x = np.random.default_rng(1).standard_normal((3, 1, 8, 8), np.float32)
    (level,) = said.diffusion.schedule().picked([40])
    given = told_things(told, 3)
    assert given is not None
    nothing = denoise_of(module, "velocity")(x, level)
    assert (nothing == denoise_of(module, "velocity", torch.from_numpy(given), guidance=0.0)(x, level)).all()
    assert np.abs(nothing - opened(tmp_path / "edge").told()(x, level)).max() < 1e-5
    assert np.abs(nothing - denoise_of(module, "velocity", torch.from_numpy(given))(x, level)).max() > 1e-3


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_every_sampler_goes_the_same_way_with_either(tmp_path: Path, name: str) -> None:
    said = described("classes", 8, 1)
    module = random_denoiser(said)
    write_denoiser(module, said, tmp_path / "edge", "fp32")
    given = np.array([1], np.int64)
    pair = denoise_of(module, "velocity", torch.from_numpy(given), 2.0), opened(tmp_path / "edge").told(given, 2.0)
    levels = said.diffusion.schedule().spaced(6)
    x = begun(np.random.default_rng(2).standard_normal((1, 1, 8, 8), np.float32), levels[0])
    ways = [list(sampled(one, levels, x, SAMPLERS[name], np.random.default_rng(3))) for one in pair]
    for want, got in zip(*ways, strict=True):
        assert np.abs(got.x - want.x).max() < 1e-4 * max(1.0, np.abs(want.x).max())


def test_int8_is_near_and_a_quarter_of_the_size(tmp_path: Path) -> None:
    """3% of the prediction is twice what was measured on random weights, where nothing has learnt to be robust."""
    said = described("texts")
    module = random_denoiser(said)
    for to in ("fp32", "int8"):
        write_denoiser(module, said, tmp_path / to, to)
    fp32, int8 = opened(tmp_path / "fp32"), opened(tmp_path / "int8")
    distance = edge_distance(fp32, int8)
    assert 0 < distance.prediction < 0.03
    assert distance.largest_prediction < 0.04
    assert distance.shades < 3
    own = edge_distance(fp32, fp32)
    assert (own.prediction, own.most_shades) == (0, 0)


@pytest.mark.parametrize("to", ["fp32", "int8"])
def test_a_picture_does_not_depend_on_its_neighbours(tmp_path: Path, to) -> None:
    said = described("texts")
    write_denoiser(random_denoiser(said), said, tmp_path / "edge", to)
    edge = opened(tmp_path / "edge")
    (level,) = said.diffusion.schedule().picked([50])
    x = np.random.default_rng(1).standard_normal((4, 3, 32, 32), np.float32)
    x[2] *= 30
    given = told_things("texts", 4)
    assert given is not None
    together = edge.told(given, 2.0)(x, level)
    for row in range(4):
        alone = edge.told(given[row : row + 1], 2.0)(x[row : row + 1], level)
        np.testing.assert_allclose(together[row : row + 1], alone, rtol=0, atol=1e-5 * max(1, np.abs(alone).max()))


def test_cores_change_nothing(tmp_path: Path) -> None:
    folder = random_folder(tmp_path / "edge", "classes", "int8")
    (level,) = opened(folder).folder.said.schedule().picked([50])
    x = np.random.default_rng(1).standard_normal((2, 3, 32, 32), np.float32)
    one, two = (opened(folder, threads).told(np.array([1], np.int64), 2.0)(x, level) for threads in (1, 2))
    assert (one == two).all()


def test_the_same_weights_give_the_same_bytes(tmp_path: Path) -> None:
    said = described("classes")
    for name in ("one", "two"):
        write_denoiser(random_denoiser(said), said, tmp_path / name, "int8")
    files = [sorted((tmp_path / name).iterdir()) for name in ("one", "two")]
    assert [one.read_bytes() for one in files[0]] == [one.read_bytes() for one in files[1]]


def test_it_draws_without_torch_and_without_onnx(tmp_path: Path) -> None:
    folder = random_folder(tmp_path / "edge", "texts", "int8", world=True)
    code = (
        "import sys\n"
        "for name in ('torch', 'onnx', 'safetensors', 'PIL'): sys.modules[name] = None\n"
        "from pathlib import Path\n"
        "from openbook.diffusion.imagine import imagined\n"
        "from openbook.diffusion.onnx_denoiser import opened\n"
        "denoiser = opened(Path(sys.argv[1]))\n"
        "one, = imagined(denoiser, 'a red circle above a blue square', denoiser.folder.said.sampling)\n"
        "print(one.picture.shape, one.verdict.true, one.calls)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "(3, 32, 32) False 4\n", "")


def test_what_the_network_does_not_know_is_refused(tmp_path: Path) -> None:
    edge = opened(random_folder(tmp_path / "edge", "classes"))
    one = np.array([1], np.int64)
    with pytest.raises(DiffusionProblem, match=r"a guidance of nan: take -1,000 to 1,000"):
        edge.told(one, float("nan"))
    with pytest.raises(DiffusionProblem, match=r"class numbers 3 to 3: take 0 to 2"):
        edge.told(np.array([3], np.int64))
    with pytest.raises(DiffusionProblem, match=r"is told int64 of \(\) a picture, not float32 of \(12, 384\)"):
        edge.told(np.zeros((1, 12, 384), np.float32))
    (level,) = edge.folder.said.schedule().picked([5])
    with pytest.raises(
        DiffusionProblem, match=r"\(1, 3, 16, 16\) is not of this denoiser, whose pictures are \(3, 32, 32\)"
    ):
        edge.told(one)(np.zeros((1, 3, 16, 16), np.float32), level)
    with pytest.raises(DiffusionProblem, match=r"3 pictures are told 2 things"):
        edge.told(np.array([0, 1], np.int64))(np.zeros((3, 3, 32, 32), np.float32), level)
    free = opened(random_folder(tmp_path / "free", "nothing"))
    with pytest.raises(DiffusionProblem, match="trained without a condition"):
        free.told(None, 2.0)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"denoiser": None}, "does not tell of a denoiser"),
        ({"denoiser": {}}, r"the key \w+ is missing"),
        ({"kind": "decoder"}, "holds no compressed denoiser"),
        ({"size": 10**9}, "size is 1,000,000,000, and 1 to 1,024 can be"),
        ({"size": "32"}, "size must be a whole number, not '32'"),
        ({"channels": 2}, "channels is 2"),
        ({"bits": 4}, "bits is 4, and may be 8, 32"),
        ({"noise": "none"}, "noise is 'none'"),
        ({"noise": []}, r"noise is \[\]"),
        ({"classes": "abc"}, "classes must be a list"),
        ({"tokens": 4}, "tokens with a text_width"),
        ({"a\nkey": 4}, "unknown key"),
        ({"sampling": {"sampler": "ddim", "steps": 0, "guidance": 1}}, "sampling.steps is 0"),
        ({"sampling": {"sampler": "ddim", "steps": 4, "guidance": float("inf")}}, "sampling.guidance is inf"),
        ({"sampling": {"sampler": "ddim", "steps": 4, "guidance": 10**400}}, "tells of no denoiser"),
        ({"noise": "straight", "prediction": "noise"}, "of which a noise prediction tells no data"),
        ({"world": True}, "a world is drawn in 3 channels"),
        ({"size": 16}, "is not the network that its manifest tells of"),
        ({"classes": []}, "is not the network that its manifest tells of"),
        ({"files": {}}, "does not name model.onnx"),
        ({"files": {"model.onnx": {"sha256": "0" * 64}}}, "is corrupt or of another version"),
    ],
)
def test_a_folder_that_is_not_ours_is_one_line(tmp_path: Path, change: dict, line: str) -> None:
    folder = random_folder(tmp_path / "edge", "classes")
    manifest = json.loads((folder / "manifest.json").read_text())
    for key, value in change.items():
        (manifest if key in manifest else manifest["denoiser"])[key] = value
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(OpenbookError, match=line) as raised:
        opened(folder)
    assert "\n" not in str(raised.value)


def test_a_unet_is_said_to_be_none(tmp_path: Path) -> None:
    from dataclasses import replace

    from openbook.diffusion.shapes import UnetShape

    said = replace(described("nothing", 8, 1), dit=None, unet=UnetShape(width=8, multipliers=(1, 2), attention=(4,)))
    with pytest.raises(DiffusionProblem, match="a U-Net cannot be compressed yet"):
        write_denoiser(random_denoiser(said), said, tmp_path / "edge", "int8")
    assert not (tmp_path / "edge").exists()
