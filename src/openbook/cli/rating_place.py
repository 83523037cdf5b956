"""Where ``openbook rate`` keeps choices: beside the folder's own index, unless the user says."""

from pathlib import Path

from openbook.align.rating_file import kept_choices, refuse_unwritable
from openbook.cli.new_folder import refuse_far
from openbook.cli.opened import Place
from openbook.cli.progress import say
from openbook.errors import OpenbookError
from openbook.index.location import below, default_index, is_url

NAME = "preferences.jsonl"


def choices_file(named: Path | None, place: Place) -> Path:
    """The file, looked at before anything is asked: whether it can be gone on with, and written.

    Without a name it is no document: an index would take it up and quote a person's own choices. Raises OpenbookError.
    """
    path = default_index(place.sources).with_name(NAME) if named is None else named.expanduser()
    if path.name.lower().endswith(".gz"):
        raise OpenbookError(f"{path} cannot be added to line by line: name a file ending in .jsonl with --save")
    inside = among(path, place)
    if inside and named is None:
        raise OpenbookError(f"{path} would lie among the documents: name a file elsewhere with --save")
    if named is not None:
        refuse_far(path, "the choices")
    kept_choices(path)
    refuse_unwritable(path)
    if inside:
        say(f"{path} lies among the documents, so the next index takes your choices up: better --save elsewhere")
    return path


def among(path: Path, place: Place) -> bool:
    """Whether the file is one of the sources or lies in one, not in a hidden folder, which no index reads."""
    full = path.absolute().parent.resolve() / path.name
    for source in place.sources:
        if not is_url(source) and below(str(full), source):
            return not any(part.startswith(".") for part in full.relative_to(source).parts)
    return False
