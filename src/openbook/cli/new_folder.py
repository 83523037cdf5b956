"""Where a file may be written: one new folder is made for it, and no other file gives way to it."""

from pathlib import Path

from openbook.errors import OpenbookError
from openbook.report import page, svg
from openbook.report.png import SIGNATURE, text_chunk

SAID = {"Software": "openbook"}
"""What our pictures say of themselves first."""

MARK = text_chunk(*next(iter(SAID.items())))
_MARKED = len(SIGNATURE) + 25 + len(MARK)  # behind the header


def refuse_far(path: Path, what: str) -> None:
    """Raises OpenbookError where more than the last folder of the path is missing. what: the file, as ``the index``."""
    folder = path.expanduser().absolute().parent
    if not (folder.exists() or folder.parent.exists()):
        raise OpenbookError(f"there is no folder {folder} for {what}: make it first, or name another place")


def refuse_no_folder(path: Path, what: str) -> None:
    """Raises OpenbookError where this cannot become a folder that ``what`` is written into."""
    refuse_far(path, what)
    if path.exists() and not path.is_dir():
        raise OpenbookError(f"{path} is a file and no folder for {what}: name a folder")


def refuse_other_than_svg(path: Path) -> None:
    """Raises OpenbookError for another ending, or where another file is there than a plot as ours begin: it would be
    lost.
    """
    if path.suffix.lower() != ".svg":
        raise OpenbookError(f"{path} is no name for a plot: give a FILE.svg")
    if path.exists() and not _begins(path, svg.BEGINNING.encode()):
        raise OpenbookError(f"{path} is there and no plot of ours: name another file")


def refuse_other_than_html(path: Path) -> None:
    """The same for a page."""
    if path.suffix.lower() != ".html":
        raise OpenbookError(f"{path} is no name for a page: give a FILE.html")
    if path.exists() and not _begins(path, page.BEGINNING.encode()):
        raise OpenbookError(f"{path} is there and no page of ours: name another file")


def refuse_other_than_png(path: Path, *endings: str) -> None:
    """The same for a picture, which may end in .png or another of ``endings``. Of PNG files only those that say they
    are ours give way: another may be a photograph.
    """
    known = (".png", *endings)
    if path.suffix.lower() not in known:
        raise OpenbookError(f"{path} is no name for a picture: give a FILE{' or FILE'.join(known)}")
    if path.exists() and not (_begins(path, SIGNATURE) and MARK in _start(path, _MARKED)):
        raise OpenbookError(f"{path} is there and no picture of ours: name another file")


def _begins(path: Path, with_these: bytes) -> bool:
    return path.is_file() and _start(path, len(with_these)) == with_these


def _start(path: Path, count: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise OpenbookError(f"{path} cannot be read: {error.strerror or error}") from error
