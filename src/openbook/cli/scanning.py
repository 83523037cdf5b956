"""Files and standard input scanned as their readers see them: pages and Markdown by their source, all else as text."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from openbook.cli.typed import piped
from openbook.documents import Limits, Skipped, load, walk
from openbook.documents.decode import declared_in, decode
from openbook.documents.kinds import HEAD_BYTES, NotADocument, kind_of, looks_binary
from openbook.documents.limits import in_megabytes
from openbook.documents.open_file import open_regular
from openbook.encode.injection import InjectionDetector
from openbook.errors import OpenbookError, UnreadableSource
from openbook.guard.finding import Finding
from openbook.guard.scan import Kind, scan_all

PIPED = "standard input"
_LIMITS = Limits()

Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding with its file, its line and column from 1, and its words as they stand there."""

    file: str
    line: int
    column: int
    words: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Scanned:
    """root: what was named. files: how many were read; skipped: those left out, with the reason."""

    root: str
    files: int
    placed: Sequence[Placed]
    skipped: Sequence[Skipped]


def scanned(path: str, kind: Kind | None, detector: InjectionDetector | None, on_progress: Progress) -> Scanned:
    """kind: of every text, in place of what name and content say. Raises OpenbookError where nothing can be read."""
    if path == "-":
        data = piped(_LIMITS.max_bytes + 1)
        if not data.strip():
            return Scanned(PIPED, 1, (), ())  # nothing is in it, so nothing is found
        text, own = _text(PurePath(PIPED), _bounded(data, PIPED))
        return Scanned(PIPED, 1, list(_placed(PIPED, text, kind or own, detector, on_progress)), ())
    named = Path(path)
    if named.is_symlink() and not named.exists():
        raise UnreadableSource(f"{path} is a link to nothing: name what it should lead to")
    if named.is_file() and named.stat().st_size == 0:
        return Scanned(path, 1, (), ())
    entries = list(walk(named))
    files = [entry for entry in entries if isinstance(entry, Path)]
    skipped = [entry for entry in entries if isinstance(entry, Skipped)]
    alone = len(entries) == 1 and not Path(path).is_dir()
    if alone and skipped:
        raise UnreadableSource(f"{path} cannot be scanned: {skipped[0].reason}")
    placed: list[Placed] = []
    read = 0
    for number, file in enumerate(files, start=1):
        try:
            text, own = _of_file(file)
        except OpenbookError as error:
            if alone:
                raise
            skipped.append(Skipped(file, str(error)))
            continue
        within = on_progress if len(files) == 1 else None
        placed += _placed(str(file), text, kind or own, detector, within)
        read += 1
        if within is None:
            on_progress(number, len(files))
    if not read:
        raise UnreadableSource(f"{path} holds no text to scan ({len(skipped):,} left out): name another")
    return Scanned(path, read, placed, skipped)


def _placed(
    name: str, text: str, kind: Kind, detector: InjectionDetector | None, on_progress: Progress | None
) -> Iterator[Placed]:
    lines = [0]
    for finding in scan_all([text], kind, detector, on_progress)[0]:
        if len(lines) == 1:
            lines += [place + 1 for place, character in enumerate(text) if character == "\n"]
        line = bisect_right(lines, finding.span.start)
        yield Placed(name, line, finding.span.start - lines[line - 1] + 1, finding.span.of(text), finding)


def _of_file(path: Path) -> tuple[str, Kind]:
    try:
        with open_regular(path) as file:
            data = _bounded(file.read(_LIMITS.max_bytes + 1), str(path))
    except OSError as error:
        raise UnreadableSource(f"{path} cannot be opened: {error.strerror or error}") from error
    return _text(path, data)


def _text(path: PurePath, data: bytes) -> tuple[str, Kind]:
    """The source of what is markup or plain; of what is neither, the text that is taken out of it."""
    try:
        kind = kind_of(path, data[:HEAD_BYTES])
    except NotADocument as error:
        raise UnreadableSource(f"{path} is not read: {error}") from error
    if kind in ("pdf", "docx"):
        if not isinstance(path, Path):
            raise UnreadableSource(f"{path} is a {kind} file: save it, and name the file")
        return load(path).text, "text"
    if looks_binary(data):
        raise UnreadableSource(f"{path} is binary, not text")
    text = decode(data, declared_in(data) if kind in ("html", "code", "data") else None).text
    if kind == "data" and path.suffix.lower() == ".svg":
        return text, "html"
    return text, kind if kind in ("html", "markdown") else "text"


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > _LIMITS.max_bytes:
        raise UnreadableSource(f"{name} is over {in_megabytes(_LIMITS.max_bytes)}: split it")
    return data
