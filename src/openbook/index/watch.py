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
    """
    from watchfiles import watch

    paths = [Path(source) for source in sources if not is_url(source)]
    begun = False
    watched = watch(
        *paths,
        debounce=SETTLE_MILLISECONDS,
        rust_timeout=READY_MILLISECONDS,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    for found in watched:
        if found or not begun:
            begun = True
            yield {path for _kind, path in found}
