"""Every file below a folder in a stable order, and every one left out with its reason."""

# plain strings are enough for what is only listed, and several times faster than pathlib
# ruff: noqa: PTH100, PTH110, PTH112, PTH114, PTH116, PTH118

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from openbook.documents.kinds import HEAD_BYTES, NotADocument, kind_of
from openbook.documents.limits import DEFAULT_LIMITS, Limits, in_megabytes
from openbook.documents.names import is_unicode, shown
from openbook.documents.open_file import open_regular
from openbook.errors import UnreadableSource

_MACHINE_MADE = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder left out, and why, as a phrase that follows its name.

    unopened: it is there and the system would not open it, so what it holds is not known.
    """

    path: Path
    reason: str
    unopened: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """path: as the person would write it; real: with every link followed. Only ``path`` is ever opened."""

    path: str
    real: str
    is_folder: bool
    depth: int


def walk(root: Path, limits: Limits = DEFAULT_LIMITS, known: Collection[str] = frozenset()) -> Iterator[Path | Skipped]:
    """The files under ``root`` (or ``root`` itself), absolute, depth first by name; what links lead to comes last.

    known: paths taken for the documents that they were, and not opened.

    Hidden entries, installed packages and caches, binaries, and what is over a limit are Skipped; so are links out of
    the root and links to what is found anyway. Raises UnreadableSource at once where the root cannot be read.
    """
    top = os.path.abspath(root)
    if not is_unicode(top):
        raise UnreadableSource(f"the name of {shown(top)} is not valid Unicode: rename it")
    try:
        is_folder = stat.S_ISDIR(os.stat(top).st_mode)
        if is_folder:
            os.scandir(top).close()
    except FileNotFoundError as error:
        raise UnreadableSource(f"there is no file or folder {shown(root)}: check the spelling") from error
    except (OSError, ValueError) as error:
        raise UnreadableSource(f"{shown(root)} cannot be opened ({_why(error)}): check its permissions") from error
    start = _Entry(top, os.path.realpath(top), is_folder, 0)
    found = _walk(start, limits, known) if is_folder else iter([_judge(start, limits, known)])
    return _bounded(found, top, limits)


def _bounded(found: Iterator[Path | Skipped], top: str, limits: Limits) -> Iterator[Path | Skipped]:
    files = 0
    for looked_at, entry in enumerate(found):
        files += isinstance(entry, Path)
        if files > limits.max_files or looked_at >= limits.max_entries:
            yield Skipped(Path(top), f"holds more than {limits.max_files:,} files, the rest is left out: choose a part")
            return
        yield entry


def _walk(top: _Entry, limits: Limits, known: Collection[str]) -> Iterator[Path | Skipped]:
    links: list[_Entry] = []
    taken: set[str] = set()
    yield from _descend(top, limits, known, links, taken)
    below = top.real.rstrip(os.sep) + os.sep
    for link in links:  # grows on the way: a link may lead to a hidden folder with more links in it
        target = os.path.realpath(link.path)
        if os.path.islink(target):  # where a chain of links leads back to itself, realpath stops on it
            yield Skipped(Path(link.path), "a link that leads back to itself")
        elif not os.path.exists(target):
            yield Skipped(Path(link.path), "a link to nothing")
        elif target != top.real and not target.startswith(below):
            yield Skipped(Path(link.path), "a link out of this folder")
        else:
            followed = _Entry(link.path, target, os.path.isdir(target), link.depth)
            yield from _descend(followed, limits, known, links, taken)


def _descend(
    start: _Entry, limits: Limits, known: Collection[str], links: list[_Entry], taken: set[str]
) -> Iterator[Path | Skipped]:
    """Depth first without recursion. Links are put off; ``taken`` grows by the real path of everything met."""
    stack: list[_Entry | Skipped] = [start]
    while stack:
        entry = stack.pop()
        if isinstance(entry, Skipped):
            yield entry
        elif entry.real in taken:
            yield Skipped(Path(entry.path), "a link to what is read anyway")
        elif not entry.is_folder:
            taken.add(entry.real)
            yield _judge(entry, limits, known)
        elif entry.depth > limits.max_depth:
            yield Skipped(Path(entry.path), f"nested deeper than {limits.max_depth} folders")
        else:
            taken.add(entry.real)
            stack.extend(reversed(_inside(entry, limits, links)))


def _inside(folder: _Entry, limits: Limits, links: list[_Entry]) -> list[_Entry | Skipped]:
    """What a folder holds, by name; its links go to ``links``."""
    try:
        with os.scandir(folder.path) as scan:
            listed = sorted(islice(scan, limits.max_entries), key=lambda e: e.name)
    except OSError as error:
        return [_unopened(Path(folder.path), error)]
    names = {e.name for e in listed}
    if "pyvenv.cfg" in names and folder.depth:  # a root is read whatever it is: the person named it
        return [Skipped(Path(folder.path), "a Python environment")]
    if "CACHEDIR.TAG" in names and folder.depth:
        return [Skipped(Path(folder.path), "a cache, as its CACHEDIR.TAG says")]
    inside: list[_Entry | Skipped] = []
    for item in listed:
        is_folder = item.is_dir(follow_symlinks=False)
        entry = _Entry(item.path, os.path.join(folder.real, item.name), is_folder, folder.depth + 1)
        reason = _left_out(item.name, is_folder)
        if reason:
            inside.append(Skipped(Path(item.path if is_unicode(item.path) else shown(item.path)), reason))
        elif item.is_symlink():
            links.append(entry)
        else:
            inside.append(entry)
    return inside


def _left_out(name: str, is_folder: bool) -> str:
    if name.startswith("."):
        return "hidden"
    if is_folder and name in _MACHINE_MADE:
        return "made by a tool, not written"
    return "" if is_unicode(name) else "its name is not valid Unicode: rename it"


def _judge(entry: _Entry, limits: Limits, known: Collection[str]) -> Path | Skipped:
    """The file itself where it is known, or promises to be a document, by its size, name and first bytes."""
    path = Path(entry.path)
    if entry.path in known:
        return path
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(HEAD_BYTES)
        if size == 0:
            return Skipped(path, "empty")
        if size > limits.max_bytes:
            return Skipped(path, f"{in_megabytes(size)}, over the limit of {in_megabytes(limits.max_bytes)}")
        kind_of(path, head)
    except NotADocument as error:
        return Skipped(path, str(error))
    except (OSError, ValueError) as error:
        return _unopened(path, error)
    return path


def _unopened(path: Path, error: Exception) -> Skipped:
    """One that has just gone is there no more, and what is no regular file (no errno) is known to hold nothing."""
    refused = isinstance(error, OSError) and bool(error.errno) and not isinstance(error, FileNotFoundError)
    return Skipped(path, f"cannot be opened: {_why(error)}", unopened=refused)


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
