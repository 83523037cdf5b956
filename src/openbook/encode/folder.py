"""A model folder, opened only if every file is the one its manifest names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, cast

from openbook.errors import OpenbookError

SHIPPED = Path(__file__).parent.parent / "weights" / "minilm"

_LARGEST_MANIFEST = 1_000_000

MOST_BEFORE_PASSAGE = 192
"""The least window of a pair encoder: a question and headings leave room for the passage, and rows can overlap."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """dim: numbers in a vector. window: tokens a text may have, [CLS] and [SEP] included.

    digest: SHA-256 over what decides a vector: the digests of model and tokenizer, dim and window.
    """

    path: Path
    dim: int
    window: int
    digest: str

    @property
    def model(self) -> Path:
        return self.path / "model.onnx"

    @property
    def tokenizer(self) -> Path:
        return self.path / "tokenizer.json"


@dataclass(frozen=True, slots=True)
class PairFolder:
    """A pair encoder. window: tokens of a row. words: the sentence encoder whose word table it reads with.

    digest: over all that decides a score.
    """

    path: Path
    window: int
    words: ModelFolder
    digest: str

    @property
    def model(self) -> Path:
        return self.path / "model.onnx"


def open_folder(path: Path) -> ModelFolder:
    """Verify every file that decides a vector; nothing is loaded yet.

    Raises OpenbookError for a folder without a manifest, and for files that are missing or not the ones it names.
    """
    manifest = _manifest(path / "manifest.json")
    dim, window = manifest.get("dim"), manifest.get("window")
    if type(dim) is not int or type(window) is not int or dim < 1 or window < 3:
        raise OpenbookError(f"{path / 'manifest.json'} states no usable dim and window; {_remedy(path)}")
    decisive = [_verify(path, name, manifest) for name in ("model.onnx", "tokenizer.json")]
    digest = sha256(json.dumps([dim, window, *decisive]).encode()).hexdigest()
    return ModelFolder(path, dim, window, digest)


def open_pair_folder(path: Path, words: Path = SHIPPED) -> PairFolder:
    """The same for a pair encoder, whose manifest names the ``words`` that it was trained on. Raises OpenbookError."""
    manifest = _manifest(path / "manifest.json")
    embedder = open_folder(words)
    if manifest.get("words") != embedder.digest:
        raise OpenbookError(f"{path} reads with the word table of another model than {words}; {_remedy(path)}")
    window = manifest.get("window")
    if type(window) is not int or window < MOST_BEFORE_PASSAGE:
        raise OpenbookError(f"{path / 'manifest.json'} states no usable window; {_remedy(path)}")
    model = _verify(path, "model.onnx", manifest)
    digest = sha256(json.dumps([embedder.digest, window, model]).encode()).hexdigest()
    return PairFolder(path, window, embedder, digest)


def _remedy(folder: Path) -> str:
    """The embedder is made of an original; every other model is trained by the recipe of its name."""
    trained = folder.parent == SHIPPED.parent and folder != SHIPPED
    made = f"openbook train recipes/{folder.name}.toml" if trained else "python -m openbook.compress.minilm"
    return f"reinstall openbook, or make the model again with {made}"


def _manifest(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            found: object = json.loads(file.read(_LARGEST_MANIFEST))
    except OSError as error:
        raise OpenbookError(
            f"no model in {path.parent}: no {path.name} ({error.strerror}); {_remedy(path.parent)}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise OpenbookError(f"{path} is not valid JSON; {_remedy(path.parent)}") from error
    if not isinstance(found, dict):
        raise OpenbookError(f"{path} is not a manifest; {_remedy(path.parent)}")
    return cast("Mapping[str, Any]", found)


def _verify(path: Path, name: str, manifest: Mapping[str, Any]) -> str:
    try:
        expected: object = manifest["files"][name]["sha256"]
    except (KeyError, TypeError) as error:
        raise OpenbookError(f"{path / 'manifest.json'} does not name {name}; {_remedy(path)}") from error
    try:
        with (path / name).open("rb") as file:
            found = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise OpenbookError(f"cannot read the model file {path / name}: {error.strerror}; {_remedy(path)}") from error
    if found != expected:
        raise OpenbookError(
            f"{path / name} is corrupt or of another version: it differs from its manifest; {_remedy(path)}"
        )
    return found
