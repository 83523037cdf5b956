"""Keep an index current while files change."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from openbook.index.location import is_url

SETTLE_MILLISECONDS = 400
"""Changes this close together are taken up at once: an editor writes a file in several steps."""


READY_MILLISECONDS = 500


def changes(sources: Sequence[str]) -> Iterator[set[str]]:
    """The paths that changed, a set each time something did, until interrupted. Pages on the web are not watched.

    The first set, mostly empty, says that watching has begun: what changed before then is for the caller to look for.
    Ends where a source is gone, or another folder stands in its place, which has to be watched anew.
    """
    from watchfiles import watch

    paths = [Path(source) for source in sources if not is_url(source)]
    begun = False
    before = [_which(path) for path in paths]
    if None in before:
        return
    watched = watch(
        *paths,
        debounce=SETTLE_MILLISECONDS,
        rust_timeout=READY_MILLISECONDS,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    for found in watched:
        if [_which(path) for path in paths] != before:
            return
        if found or not begun:
            begun = True
            yield {path for _kind, path in found}


def _which(path: Path) -> tuple[int, int] | None:
    """Tells a folder from one made anew under its name; a file, which editors make anew, is itself by its name."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if path.is_dir() else (0, 0)
