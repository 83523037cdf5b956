"""A folder's files are replaced together: written beside it first, so that what was there survives a failure."""

import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from openbook.model.config import BadCheckpoint


def replace_files(folder: Path, write: Callable[[Path], None], last: str) -> None:
    """Let ``write`` fill a temporary folder, then put its files into ``folder``, the one named ``last`` last.

    A folder that did not exist appears whole, by one rename. In one that did, each file is replaced by one rename, and
    files of other names are left alone. Raises BadCheckpoint where the disk is full or the place cannot be written.
    """
    target = folder.resolve()  # a link stays a link
    with _explained(folder):
        if target.exists() and not target.is_dir():
            raise BadCheckpoint(f"{folder} is a file: give a folder to write the checkpoint to")
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{uuid4().hex[:12]}.partial")
        partial.mkdir()
        try:
            write(partial)
            for path in partial.iterdir():
                _sync(path)
            _sync(partial)
            if target.exists():
                for path in sorted(partial.iterdir(), key=lambda path: path.name == last):
                    path.replace(target / path.name)
                _sync(target)
            else:
                partial.rename(target)
            _sync(target.parent)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _explained(folder: Path) -> Generator[None]:
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadCheckpoint(
            f"cannot write the checkpoint to {folder}: {reason}; what was there is kept: make room, or write elsewhere"
        ) from error


def _sync(path: Path) -> None:
    """Have the disk hold it before anything is renamed."""
    if os.name == "nt" and path.is_dir():
        return  # a folder cannot be opened there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
