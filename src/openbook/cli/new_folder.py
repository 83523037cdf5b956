"""One new folder is made for a file to write; where its parent is missing too, the path was more likely mistyped."""

from pathlib import Path

from openbook.errors import OpenbookError


def refuse_far(path: Path, what: str) -> None:
    """Raises OpenbookError where more than the last folder of the path is missing. what: the file, as ``the index``."""
    folder = path.expanduser().absolute().parent
    if not (folder.exists() or folder.parent.exists()):
        raise OpenbookError(f"there is no folder {folder} for {what}: make it first, or name another place")
