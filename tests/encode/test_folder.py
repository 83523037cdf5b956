import json
import shutil
from pathlib import Path

import pytest

from openbook.encode.folder import SHIPPED, open_folder
from openbook.encode.session import load
from openbook.encode.wordpiece import WordPiece
from openbook.errors import OpenbookError


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "model"))


def restate(folder: Path, **changes: object) -> None:
    """Change settings in the manifest, and bring its digests up to date with the files."""
    from hashlib import sha256

    path = folder / "manifest.json"
    manifest = json.loads(path.read_text()) | changes
    for name, stated in manifest["files"].items():
        stated["sha256"] = sha256((folder / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest))


def test_the_shipped_folder_is_whole_and_small() -> None:
    folder = open_folder(SHIPPED)
    assert (folder.dim, folder.window) == (384, 256)
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 24_000_000
    stated = json.loads((SHIPPED / "manifest.json").read_text())["files"]
    assert set(stated) == {path.name for path in SHIPPED.iterdir()} - {"manifest.json"}


def test_the_digest_follows_what_decides_a_vector(copied: Path) -> None:
    before = open_folder(copied).digest
    assert before == open_folder(SHIPPED).digest
    (copied / "README.md").write_text("another card")
    restate(copied)
    assert open_folder(copied).digest == before
    restate(copied, window=128)
    assert open_folder(copied).digest != before


@pytest.mark.parametrize("name", ["manifest.json", "model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(OpenbookError, match=rf"no {name}|{name}: No such file") as caught:
        open_folder(copied)
    assert "reinstall openbook" in str(caught.value)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_one_changed_byte_is_noticed(copied: Path, name: str) -> None:
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(OpenbookError, match=f"{name} is corrupt"):
        open_folder(copied)


@pytest.mark.parametrize(
    ("manifest", "complaint"),
    [
        ("{", "not valid JSON"),
        ("\udcff", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "not a manifest"),
        ("{}", "no usable dim and window"),
        ('{"dim": 384, "window": true}', "no usable dim and window"),
        ('{"dim": 384, "window": 2}', "no usable dim and window"),
        ('{"dim": 384, "window": 256, "files": 3}', "does not name model.onnx"),
        ('{"dim": 384, "window": 256, "files": {"model.onnx": {}}}', "does not name model.onnx"),
        ('{"dim": 384, "window": 256, "files": {"model.onnx": {"sha256": null}}}', "is corrupt"),
    ],
)
def test_a_broken_manifest_is_one_clear_line(copied: Path, manifest: str, complaint: str) -> None:
    (copied / "manifest.json").write_bytes(manifest.encode("utf-8", "surrogateescape"))
    with pytest.raises(OpenbookError, match=complaint) as caught:
        open_folder(copied)
    assert "\n" not in str(caught.value)


def test_files_that_match_the_manifest_but_are_no_model(copied: Path) -> None:
    (copied / "model.onnx").write_bytes(b"not a graph")
    (copied / "tokenizer.json").write_text('{"version": "1.0"}')
    restate(copied)
    folder = open_folder(copied)
    with pytest.raises(OpenbookError, match=r"cannot load .*model\.onnx") as caught:
        load(folder.model)
    assert "\n" not in str(caught.value)
    with pytest.raises(OpenbookError, match=r"tokenizer\.json is not a tokenizer"):
        WordPiece(folder)


def test_a_tokenizer_of_another_model_is_refused(copied: Path) -> None:
    from tokenizers import Tokenizer, models

    Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}, unk_token="[UNK]")).save(str(copied / "tokenizer.json"))
    restate(copied)
    with pytest.raises(OpenbookError, match="belongs to another model"):
        WordPiece(open_folder(copied))


@pytest.mark.parametrize(
    ("name", "command"),
    [("minilm", "openbook.compress.minilm"), ("pair", "recipes/pair.toml"), ("injection", "recipes/injection.toml")],
)
def test_a_missing_model_is_refused_with_the_command_that_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, command: str
) -> None:
    monkeypatch.setattr("openbook.encode.folder.SHIPPED", tmp_path / "minilm")
    with pytest.raises(OpenbookError, match=command):
        open_folder(tmp_path / name)
