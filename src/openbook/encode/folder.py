"""A model folder, opened only if every file is the one its manifest names."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from openbook.errors import OpenbookError
from openbook.manifests import MANIFEST, read_manifest, verified

SHIPPED = Path(__file__).parent.parent / "weights" / "minilm"

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
    manifest = read_manifest(path / MANIFEST, _remedy(path))
    dim, window = manifest.get("dim"), manifest.get("window")
    if type(dim) is not int or type(window) is not int or dim < 1 or window < 3:
        raise OpenbookError(f"{path / MANIFEST} states no usable dim and window; {_remedy(path)}")
    decisive = [verified(path, name, manifest, _remedy(path)) for name in ("model.onnx", "tokenizer.json")]
    digest = sha256(json.dumps([dim, window, *decisive]).encode()).hexdigest()
    return ModelFolder(path, dim, window, digest)


def open_pair_folder(path: Path, words: Path = SHIPPED) -> PairFolder:
    """The same for a pair encoder, whose manifest names the ``words`` that it was trained on. Raises OpenbookError."""
    manifest = read_manifest(path / MANIFEST, _remedy(path))
    embedder = open_folder(words)
    if manifest.get("words") != embedder.digest:
        raise OpenbookError(f"{path} reads with the word table of another model than {words}; {_remedy(path)}")
    window = manifest.get("window")
    if type(window) is not int or window < MOST_BEFORE_PASSAGE:
        raise OpenbookError(f"{path / MANIFEST} states no usable window; {_remedy(path)}")
    model = verified(path, "model.onnx", manifest, _remedy(path))
    digest = sha256(json.dumps([embedder.digest, window, model]).encode()).hexdigest()
    return PairFolder(path, window, embedder, digest)


def _remedy(folder: Path) -> str:
    """The embedder is made of an original; every other model is trained by the recipe of its name."""
    trained = folder.parent == SHIPPED.parent and folder != SHIPPED
    made = f"openbook train recipes/{folder.name}.toml" if trained else "python -m openbook.compress.minilm"
    return f"reinstall openbook, or make the model again with {made}"
