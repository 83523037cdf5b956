"""The words after ``openbook index``: a command, or a folder's name; what the shell offers, and what is asked back."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import typer

from openbook.errors import OpenbookError

SHORT = "openbook.index.short"
"""Set in a context where no command was named, so that what follows is a source, or the command to come."""


def offered(context: typer.Context, incomplete: str) -> list[str]:
    """For the shell: ``copy`` beside what is in the current folder; nothing where the shell's own file names do."""
    if SHORT not in context.meta or context.params.get("sources") or not "copy".startswith(incomplete):
        return []
    here = sorted(f"{path.name}/" if path.is_dir() else path.name for path in Path().glob(f"{incomplete}*"))
    return ["copy", *(name for name in here if not name.startswith(".") and shlex.quote(name) == name)]


def refuse_two_meanings(arguments: Sequence[str]) -> None:
    """Raises OpenbookError where a command's name stands alone, and a folder here has the same."""
    word, *others = arguments
    alone = all(other.startswith("-") and other not in ("-h", "--help") for other in others)
    if alone and Path(word).is_dir():
        raise OpenbookError(
            f"{word} is a command of `openbook index`, and a folder here: write ./{word} for the folder"
        )
