"""Files under one folder, reached by handles from there: what a path means cannot change between check and use.

Every folder of a path is opened relative to the one above it and never through a link (``openat`` with ``O_NOFOLLOW``,
POSIX.1-2008), so that no link, ``..`` or race leads outside. Needs a POSIX system.
"""

import os
import secrets
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from errno import ELOOP, ENOTDIR
from pathlib import Path

from openbook.agent.tool import BadArguments, ToolFailed
from openbook.json_lines import shortened

MOST_BYTES, MOST_NAME, MOST_DEPTH = 1_000_000, 255, 32
"""Of a file's content; of one name, in bytes; of folders in one another."""

_FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_FILE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def read_under(root: Path, path: str) -> str:
    """The text of a regular UTF-8 file. Raises BadArguments for a path that is refused, ToolFailed for the file."""
    with _explained(path), _folder_of(root, path, make=False) as (folder, name):
        handle = os.open(name, os.O_RDONLY | _FILE, dir_fd=folder)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise ToolFailed(f"{shortened(path)} is no regular file: name another")
            content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ToolFailed(f"{shortened(path)} is over {MOST_BYTES:,} bytes: index it and ask it instead")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ToolFailed(f"{shortened(path)} is not UTF-8 text: index it and ask it instead") from None


def write_under(root: Path, path: str, text: str, *, overwrite: bool) -> int:
    """Write whole or not at all; the bytes written. What is there gives way only where ``overwrite`` says so.

    Folders that are missing are made. Raises BadArguments and ToolFailed as ``read_under`` does.
    """
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadArguments("the text holds half a character, which no file can: leave it out") from None
    if len(content) > MOST_BYTES:
        raise BadArguments(f"the text is over {MOST_BYTES:,} bytes: write less")
    with _explained(path), _folder_of(root, path, make=True) as (folder, name):
        _refuse_taken(folder, name, path, overwrite)
        beside = f".{secrets.token_hex(8)}.part"
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE, 0o644, dir_fd=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(handle)
            if overwrite:
                os.replace(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
            else:  # a link fails where a name is taken, which a rename does not
                os.link(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
        finally:
            with suppress(OSError):  # what it was for is done, or its own error says why not
                os.unlink(beside, dir_fd=folder)
    return len(content)


def names_of(path: str) -> list[str]:
    """The folders and the file of a path below a root. Raises BadArguments for any other path."""
    said = shortened(path)
    if not path.strip() or path.startswith(("/", "~")) or "\\" in path or (len(path) > 1 and path[1] == ":"):
        raise BadArguments(f"{said!r} is no path below the folder: write it as notes/today.txt")
    if any(not character.isprintable() for character in path):
        raise BadArguments(f"{said!r} holds a character that no file name here may have: leave it out")
    names = path.split("/")
    if ".." in names:
        raise BadArguments(f"{said!r} leads out of the folder: name a file below it")
    if any(not name or name.startswith(".") for name in names):
        raise BadArguments(f"{said!r} names a hidden file or none: files that begin with a dot are left alone")
    try:
        longest = max(len(name.encode("utf-8")) for name in names)
    except UnicodeEncodeError:
        raise BadArguments(f"{said!r} is no name that can be written: use other characters") from None
    if longest > MOST_NAME or len(names) > MOST_DEPTH:
        raise BadArguments(f"{said!r} is too long: at most {MOST_NAME} bytes a name and {MOST_DEPTH} folders")
    return names


@contextmanager
def _folder_of(root: Path, path: str, *, make: bool) -> Generator[tuple[int, str]]:
    """A handle of the folder that the file is in, and the file's name."""
    *folders, name = names_of(path)
    if os.open not in os.supports_dir_fd:
        raise ToolFailed("this system opens no files relative to a folder: run where it is POSIX")
    handle = os.open(root, _FOLDER & ~getattr(os, "O_NOFOLLOW", 0))  # the root itself may be a link: a person chose it
    try:
        for each in folders:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(each, 0o755, dir_fd=handle)
            inner = os.open(each, _FOLDER, dir_fd=handle)
            os.close(handle)
            handle = inner
        yield handle, name
    finally:
        os.close(handle)


def _refuse_taken(folder: int, name: str, path: str, overwrite: bool) -> None:
    try:
        there = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(there.st_mode):
        raise ToolFailed(f"{shortened(path)} is there and no regular file: name another", undone=True)
    if not overwrite:
        raise ToolFailed(_taken(path), undone=True)


@contextmanager
def _explained(path: str) -> Generator[None]:
    try:
        yield
    except FileExistsError:
        raise ToolFailed(_taken(path), undone=True) from None
    except OSError as error:
        said = f"{shortened(path)} cannot be opened ({_why(error)}): name another file"
        raise ToolFailed(said, undone=True) from None


def _taken(path: str) -> str:
    return f"{shortened(path)} is there already, and stays as it is: name another"


def _why(error: OSError) -> str:
    """ELOOP and ENOTDIR are how a link in the way shows."""
    return "a link or a file stands in its way" if error.errno in (ELOOP, ENOTDIR) else error.strerror or str(error)
