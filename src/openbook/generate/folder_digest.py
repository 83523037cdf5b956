"""A digest of all that decides what a model folder writes, in bounded time, so that what was cached can be trusted."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from openbook.errors import OpenbookError

_DECIDING = (".json", ".jinja", ".txt", ".safetensors")
_MOST_FILES = 1_000
_WHOLE = 4_000_000_000
"""Bytes of one file that are all read, which takes seconds, as loading it does."""

_PARTS, _PART = 256, 1_000_000
_BLOCK = 1 << 20


def folder_digest(folder: Path) -> str:
    """SHA-256 of the names and contents of the folder's own files. Raises OpenbookError where one cannot be read.

    Of a file over 4 GB it takes 256 parts, spread evenly, its size and when it was changed: a copy may then count as
    another model, but another model never as this one.
    """
    digest = hashlib.sha256()
    try:
        names = sorted(path for path in folder.iterdir() if path.suffix in _DECIDING and path.is_file())
        if len(names) > _MOST_FILES:
            raise OpenbookError(f"{folder} holds over {_MOST_FILES:,} files: give the folder of one model")
        for path in names:
            status = path.stat()
            digest.update(f"{path.name}\0{status.st_size}\0".encode())
            if status.st_size > _WHOLE:
                digest.update(str(status.st_mtime_ns).encode())
            with path.open("rb") as file:
                for block in _blocks(file, status.st_size):
                    digest.update(block)
    except OSError as error:
        raise OpenbookError(f"{folder} cannot be read: {error.strerror or error}") from error
    return digest.hexdigest()


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    if size <= _WHOLE:
        while block := file.read(_BLOCK):
            yield block
        return
    for number in range(_PARTS):
        file.seek((size - _PART) * number // (_PARTS - 1))
        yield file.read(_PART)
