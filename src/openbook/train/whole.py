"""Files and folders that appear whole or not at all, however large: a neighbour is written, synced, and renamed."""

import errno
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from openbook.train.problems import TrainProblem


@contextmanager
def whole_folder(target: Path) -> Generator[Path]:
    """A new folder to write into, which takes the place of ``target`` when the block ends well.

    Otherwise nothing of it stays, and what was at ``target`` does. Raises TrainProblem where the disk does not let it.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise cannot_write(target, error) from error
    try:
        yield scratch
        for file in sorted(scratch.rglob("*")):
            if file.is_file():
                _sync(file)
        scratch.chmod(0o755)
        _sync(scratch)
        _exchange(scratch, target)
        _sync(target.parent)
    except BaseException as error:
        shutil.rmtree(scratch, ignore_errors=True)
        if isinstance(error, OSError):
            raise cannot_write(target, error) from error
        raise


def write_whole(target: Path, content: bytes) -> None:
    """One file, the same way."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise cannot_write(target, error) from error
    scratch = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        scratch.chmod(0o644)
        scratch.replace(target)
    except BaseException as error:
        scratch.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise cannot_write(target, error) from error
        raise


def sweep(folder: Path) -> None:
    """Remove what a killed process left half-written here; only its own kind of names."""
    for left in folder.glob(".*.????????"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def cannot_write(path: Path, error: Exception) -> TrainProblem:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    do = "make room and run the same command" if full or not isinstance(error, OSError) else "name another place"
    return TrainProblem(f"cannot write {path}: {reason}; what was there is kept, so {do}")


def _exchange(scratch: Path, target: Path) -> None:
    """A folder cannot be renamed over a full one: the old one steps aside first, and comes back if that fails."""
    if not target.exists():
        scratch.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    target.rename(aside / target.name)
    try:
        scratch.rename(target)
    except BaseException:
        (aside / target.name).rename(target)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
