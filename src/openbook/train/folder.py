"""The folder of a run: whose it is, what may be gone on with, and who is writing to it now.

``run.json`` (the recipe), ``metrics.jsonl``, ``checkpoints/``, ``tokens/`` (what the run was begun on, and the recipe's
texts where they had to be encoded), and at the end ``model/`` or ``adapter/`` and ``loss.svg``.
"""

import json
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from filelock import FileLock, Timeout

from openbook import __version__, recipes
from openbook.train.asked import Recipe
from openbook.train.problems import TrainProblem
from openbook.train.whole import cannot_write, sweep, write_whole

_LARGEST = 1_000_000
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where each part of a run lies."""

    path: Path

    @property
    def run(self) -> Path:
        return self.path / "run.json"

    @property
    def tokens(self) -> Path:
        return self.path / "tokens"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def model(self) -> Path:
        return self.path / "model"

    @property
    def unstarted(self) -> bool:
        """A run that was set up and stopped before its first checkpoint: nothing in it was learnt."""
        kept = self.model, self.path / "adapter", self.path / "int8"
        return not (any(place.exists() for place in kept) or any(self.checkpoints.rglob("step-*")))

    @property
    def plot(self) -> Path:
        return self.path / "loss.svg"


@contextmanager
def claimed(recipe: Recipe) -> Generator[RunFolder]:
    """The recipe's folder, for this process alone, made or taken up.

    Raises TrainProblem where it holds something else, another recipe's run, or is being trained in.
    """
    folder = RunFolder(Path(recipe.out.folder).expanduser())
    check(folder, recipe)
    new = not folder.path.exists()
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder.path / _LOCK)
        lock.acquire(timeout=0)
    except Timeout:
        raise TrainProblem(f"another process is training in {folder.path}: wait for it, or set out.folder") from None
    except OSError as error:
        raise cannot_write(folder.path, error) from error
    with lock:
        sweep(folder.path)
        if folder.unstarted:  # another recipe may have been meant
            _clear(folder)
        if not folder.run.exists():
            content = {"format": 1, "openbook": __version__, "recipe": recipes.as_table(recipe)}
            write_whole(folder.run, json.dumps(content, indent=1).encode("utf-8"))
        try:
            yield folder
        except BaseException:
            _forget(folder, whole=new)
            raise


def _forget(folder: RunFolder, *, whole: bool) -> None:
    """A run that failed before it had learnt anything leaves nothing behind; whole: not even the folder."""
    if not folder.unstarted or (folder.metrics.exists() and folder.metrics.stat().st_size):
        return
    _clear(folder)
    if whole and all(item.name == _LOCK for item in folder.path.iterdir()):
        shutil.rmtree(folder.path, ignore_errors=True)


def _clear(folder: RunFolder) -> None:
    shutil.rmtree(folder.tokens, ignore_errors=True)
    for file in (folder.run, folder.metrics):
        file.unlink(missing_ok=True)


def check(folder: RunFolder, recipe: Recipe) -> None:
    """Raises TrainProblem unless the folder is new, empty, or holds a run of this recipe; [out] may differ."""
    if not folder.path.exists():
        return
    if not folder.path.is_dir():
        raise TrainProblem(f"{folder.path} is a file: set out.folder to a new folder")
    if not folder.run.exists():
        if all(item.name == _LOCK for item in folder.path.iterdir()):
            return
        raise TrainProblem(f"{folder.path} holds something that is no training run: set out.folder to a new folder")
    before = _read(folder.run)
    if folder.unstarted:
        return
    now = recipes.as_table(recipe)
    keys = [key for key in recipes.differing(before, now) if not key.startswith("out.")]
    if keys:
        was, wanted = (_at(table, keys[0]) for table in (before, now))
        more = f" (and {len(keys) - 1} more)" if len(keys) > 1 else ""
        raise TrainProblem(
            f"the run in {folder.path} was started with {keys[0]} = {was!r} and the recipe now says {wanted!r}{more}: "
            "change it back to go on, or set out.folder to begin another"
        )


def recorded(folder: Path) -> dict[str, Any]:
    """The recipe of the run in this folder, as plain values. Raises TrainProblem where there is none."""
    return _read(RunFolder(folder).run)


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found: Any = json.loads(file.read(_LARGEST))
        table: Any = found["recipe"]
        if isinstance(table, dict):
            return cast("dict[str, Any]", table)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    raise TrainProblem(f"{path} is not the record of a training run: set out.folder to a new folder")


def _at(table: dict[str, Any], key: str) -> Any:
    found: Any = table
    for name in key.split("."):
        found = found.get(name) if isinstance(found, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return found  # pyright: ignore[reportUnknownVariableType]
