"""A model folder: its files and a manifest with the size and SHA-256 of each, so written that nothing is half done."""

import json
import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from openbook.errors import OpenbookError
from openbook.manifests import MANIFEST, read_manifest
from openbook.values import Json


def write_model_folder(folder: Path, files: Mapping[str, bytes], settings: Mapping[str, Json]) -> None:
    """Write ``files`` and a manifest of them with ``settings`` (dim, window, source, ...) into ``folder``.

    Each file is written beside its place and then moved into it, the manifest last: who opens the folder after a crash
    finds files that differ from the manifest and is told so, never a truncated model. What a manifest there named
    before and this one does not is removed: a chat template of the former model would be used. Raises OpenbookError.
    """
    former = _former(folder) - files.keys()
    listed: dict[str, Json] = {
        name: {"bytes": len(content), "sha256": sha256(content).hexdigest()} for name, content in sorted(files.items())
    }
    manifest = json.dumps({**settings, "files": listed}, indent=2, sort_keys=True) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _none_left_of(folder, files):
            for name, content in files.items():
                _replace(folder / name, content)
            _replace(folder / MANIFEST, manifest.encode())
        for name in former:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise OpenbookError(f"cannot write the model to {folder}: {error.strerror}; pass another --out") from error


@contextmanager
def _none_left_of(folder: Path, files: Iterable[str]) -> Generator[None]:
    """Where no model was before, none of its files stays when writing is broken off: the folder is free again."""
    new = [folder / name for name in files if not (folder / name).exists()]
    had_one = (folder / MANIFEST).exists()
    try:
        yield
    except BaseException:
        if not had_one and not (folder / MANIFEST).exists():
            for path in new:
                path.unlink(missing_ok=True)
        raise


def _former(folder: Path) -> set[str]:
    """The files that a manifest in the folder names, if there is one; only plain names count."""
    with suppress(OpenbookError, TypeError):
        named = map(str, read_manifest(folder / MANIFEST, "").get("files", ()))
        return {name for name in named if Path(name).name == name and name != MANIFEST and (folder / name).is_file()}
    return set()


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
