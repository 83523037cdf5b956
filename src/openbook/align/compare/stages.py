"""The stages of a bake-off, each kept when it is done, under a name that says what it was made from.

A stage's place is its name and a digest of its settings, the stages before it among them. So a bake-off that was killed
goes on with the next stage, and a recipe that was changed makes again what hangs on the change, and that alone.
"""

import hashlib
import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from filelock import FileLock, Timeout

from openbook import recipes
from openbook.align.problems import AlignProblem
from openbook.train.whole import cannot_write, sweep, write_whole

LARGEST = 200_000_000
"""Bytes of what a stage kept."""

_MARK = "compare.json"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one stage is kept: what it found in ``file``, and its runs and models below ``folder``."""

    name: str
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "found.json"


@contextmanager
def claimed(folder: Path) -> Generator[Path]:
    """The folder of a bake-off, for this process alone. Raises AlignProblem where it holds anything else."""
    mark = folder / _MARK
    if folder.exists() and not mark.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AlignProblem(f"{folder} holds something that is no bake-off: set out.folder to a new folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not mark.exists():
            write_whole(mark, b'{"format": 1}\n')
        lock = FileLock(folder / ".lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise AlignProblem(f"another process compares in {folder}: wait for it, or set out.folder") from None
    except OSError as error:
        raise cannot_write(folder, error) from error
    with lock:
        sweep(folder)
        yield folder


def place(folder: Path, name: str, settings: Mapping[str, Any], *after: Place) -> Place:
    """Of a stage that hangs on these settings, plain values, and on the stages that it comes after."""
    text = json.dumps([settings, [one.name for one in after]], sort_keys=True)
    name = f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return Place(name, folder / name)


def kept(at: Place, kind: type[T], make: Callable[[], T]) -> T:
    """What the stage found, a dataclass: read where it is there, else made and written whole."""
    if at.file.exists():
        return _read(at.file, kind)
    found = make()
    write_whole(at.file, json.dumps(recipes.as_table(found)).encode("utf-8"))
    return found


def _read(path: Path, kind: type[T]) -> T:
    try:
        with path.open("rb") as file:
            table: Any = json.loads(file.read(LARGEST))
        if isinstance(table, dict):
            return recipes.build(cast("dict[str, Any]", table), kind, str(path))
    except (OSError, ValueError, RecursionError, recipes.BadRecipe):
        pass
    raise AlignProblem(f"{path} is not what a stage keeps: remove its folder, and the same command makes it again")
