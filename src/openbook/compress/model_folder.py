"""A model folder: its files and a manifest with the size and SHA-256 of each. Nothing half done is taken for whole."""

import json
import os
from collections.abc import Mapping
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, cast

from openbook.errors import OpenbookError
from openbook.values import Json

MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1_000_000


def write_model_folder(folder: Path, files: Mapping[str, bytes], settings: Mapping[str, Json]) -> None:
    """Write ``files`` and a manifest of them with ``settings`` (dim, window, source, ...) into ``folder``.

    Each file is written beside its place and then moved into it, the manifest last: who opens the folder after a crash
    finds files that differ from the manifest and is told so, never a truncated model. Raises OpenbookError.
    """
    listed: dict[str, Json] = {
        name: {"bytes": len(content), "sha256": sha256(content).hexdigest()} for name, content in sorted(files.items())
    }
    manifest = json.dumps({**settings, "files": listed}, indent=2, sort_keys=True) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            _replace(folder / name, content)
        _replace(folder / MANIFEST, manifest.encode())
    except OSError as error:
        raise OpenbookError(f"cannot write the model to {folder}: {error.strerror}; pass another --out") from error


def read_manifest(path: Path, remedy: str) -> Mapping[str, Any]:
    """The object in a manifest. remedy: what a person can do where it is none, for the error."""
    try:
        with path.open("rb") as file:
            found: object = json.loads(file.read(_LARGEST_MANIFEST))
    except OSError as error:
        raise OpenbookError(f"no model in {path.parent}: no {path.name} ({error.strerror}); {remedy}") from error
    except (ValueError, RecursionError) as error:
        raise OpenbookError(f"{path} is not valid JSON; {remedy}") from error
    if not isinstance(found, dict):
        raise OpenbookError(f"{path} is not a manifest; {remedy}")
    return cast("Mapping[str, Any]", found)


def verified(folder: Path, name: str, manifest: Mapping[str, Any], remedy: str) -> str:
    """The digest of a file, which is the one that the manifest names. Raises OpenbookError."""
    try:
        expected: object = manifest["files"][name]["sha256"]
    except (KeyError, TypeError) as error:
        raise OpenbookError(f"{folder / MANIFEST} does not name {name}; {remedy}") from error
    try:
        with (folder / name).open("rb") as file:
            found = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise OpenbookError(f"cannot read the model file {folder / name}: {error.strerror}; {remedy}") from error
    if found != expected:
        raise OpenbookError(f"{folder / name} is corrupt or of another version: it differs from its manifest; {remedy}")
    return found


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
