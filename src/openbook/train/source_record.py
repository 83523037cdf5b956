"""What a run was begun on, kept beside it: a corpus, or a base, that has changed since is another one."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from openbook.train.problems import TrainProblem
from openbook.train.texts import files_of
from openbook.train.whole import write_whole


def record(source: Path, place: Path) -> None:
    """Write name, size, time and SHA-256 of every file of the source to ``place``; nothing if one just went."""
    with suppress(OSError):
        found = {name: [*_stamp(path), _digest(path)] for name, path in _named(source).items()}
        write_whole(place, json.dumps({"format": 1, "files": found}).encode("utf-8"))


def check_same(source: Path, place: Path) -> None:
    """Raise TrainProblem where the source differs from the record at ``place``.

    A file whose size and time are as they were is not read again. Neither a source that is gone is missed, nor a record
    that is not there: whoever needs them says so.
    """
    before = _read(place)
    if before is None or not source.exists():
        return
    now = _named(source)
    changed = [name for name in sorted(now.keys() | before.keys()) if not _same(before.get(name), now.get(name))]
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise TrainProblem(
            f"{source} has changed since this run began ({changed[0]}{more}): put it back to go on, or set out.folder "
            "to begin another"
        )


def check_all(sources: Mapping[str, Path], folder: Path) -> None:
    """``check_same`` for each of them, by the name that its record has in the folder."""
    for name, source in sources.items():
        check_same(source, folder / name)


def record_all(sources: Mapping[str, Path], folder: Path) -> None:
    """``record`` for those that have none there yet."""
    folder.mkdir(exist_ok=True)
    for name, source in sources.items():
        if not (folder / name).exists():
            record(source, folder / name)


def _named(source: Path) -> dict[str, Path]:
    return {str(path.relative_to(source)) if path != source else path.name: path for path in files_of(source)}


def _same(before: list[Any] | None, path: Path | None) -> bool:
    if before is None or path is None:
        return False
    try:
        return before[:2] == _stamp(path) or before[2] == _digest(path)
    except OSError:
        return False


def _stamp(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> Mapping[str, list[Any]] | None:
    """None where there is none that can be read: it is written after the tokens, which are good without it."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    rows = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    return {name: cast("list[Any]", row) for name, row in rows.items() if isinstance(row, list) and len(row) == 3}  # pyright: ignore[reportUnknownArgumentType]
