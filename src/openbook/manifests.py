"""The manifest of a model folder: the settings of the model, and the size and SHA-256 of each of its files."""

import json
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any, cast

from openbook.errors import OpenbookError

MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1_000_000


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
