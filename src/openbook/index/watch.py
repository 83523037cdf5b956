"""Keep an index current while files change."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from openbook.index.location import is_url

SETTLE_MILLISECONDS = 400
"""Changes this close together are taken up at once: an editor writes a file in several steps."""


def changes(sources: Sequence[str], on_ready: Callable[[], None] = lambda: None) -> Iterator[set[str]]:
    """The paths that changed, a set each time something did, until interrupted. Pages on the web are not watched."""
    from watchfiles import watch

    paths = [Path(source) for source in sources if not is_url(source)]
    on_ready()
    for found in watch(*paths, debounce=SETTLE_MILLISECONDS, raise_interrupt=False):
        yield {path for _kind, path in found}
