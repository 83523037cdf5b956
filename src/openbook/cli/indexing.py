"""What ``openbook index`` does: update, watch, rebuild."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from openbook.answer.folder_threshold import beside
from openbook.cli.opened import WAIT_SECONDS, Place, bring_up_to_date, place_of
from openbook.cli.progress import say
from openbook.cli.show_report import show_summary
from openbook.cli.typed import print_json
from openbook.encode import SentenceEncoder, open_encoder
from openbook.errors import NothingToRead, OpenbookError, UnreadableSource
from openbook.index.location import below, is_url
from openbook.index.lock import sole_writer
from openbook.index.open import open_store
from openbook.index.schema import is_removable, remove_index
from openbook.index.update import Summary
from openbook.index.watch import changes

BACK_SECONDS = 0.3
"""How often a watched folder that is gone is looked for."""


def run(
    sources: Sequence[str] | None,
    index: Path | None,
    store: str | None,
    *,
    watch: bool,
    rebuild: bool,
    verbose: bool,
    as_json: bool,
) -> None:
    """Index once; with ``watch`` again at every change, one line each."""
    place = place_of(sources or ["."], index, store)
    encoder = open_encoder()
    if rebuild and place.exists:
        _remove(place)
    empty = False
    try:
        _show(bring_up_to_date(place, encoder, quiet=as_json), place, verbose=verbose, as_json=as_json)
    except NothingToRead as error:
        if not watch:
            raise
        empty = True
        _say_empty(error)
    if watch:
        with suppress(KeyboardInterrupt):  # the way to end it
            _follow(place, encoder, empty=empty, verbose=verbose, as_json=as_json)


def _follow(place: Place, encoder: SentenceEncoder, *, empty: bool, verbose: bool, as_json: bool) -> None:
    """Until interrupted; a folder that goes, or is empty for a while, is waited for. empty: it is, as was said."""
    told = False
    while True:
        for number, _paths in enumerate(changes(place.sources)):
            if number == 0 and not told:
                say("watching for changes; Ctrl-C ends it")
                told = True
            try:
                summary = bring_up_to_date(place, encoder, quiet=True)
            except NothingToRead as error:
                if not empty:
                    _say_empty(error)
                empty = True
                continue
            except UnreadableSource as error:
                if not _missing(place):
                    say(f"{error}; still watching")
                continue
            empty = False
            if summary.added or summary.changed or summary.moved or summary.removed:
                _show(summary, place, verbose=verbose, as_json=as_json)
        if gone := _missing(place):
            say(f"{gone[0]} is gone: what was indexed is kept, watching goes on when it is back")
            while _missing(place):
                time.sleep(BACK_SECONDS)
            say("it is back")


def _say_empty(error: NothingToRead) -> None:
    say(f"{error.what}: waiting for one")


def _missing(place: Place) -> list[str]:
    return [source for source in place.sources if not is_url(source) and not Path(source).exists()]


def _show(summary: Summary, place: Place, *, verbose: bool, as_json: bool) -> None:
    if as_json:
        print_json({"store": place.spec, **asdict(summary)})
    else:
        show_summary(summary, place, verbose=verbose)


def _remove(place: Place) -> None:
    """The old index file and what stands beside it, held by its writer's lock. Nothing but an index is removed.

    The threshold that calibration set stays for the same sources, whose documents are indexed anew.
    """
    path = place.path
    if path is None:
        raise OpenbookError(
            "--rebuild removes an index file; drop the collections of a Milvus store with its own tools"
        )
    if not is_removable(path):
        raise OpenbookError(f"{path} is not an openbook index, so it is not removed: choose another path")
    with sole_writer(path, WAIT_SECONDS):
        kept = beside(path)
        if kept.exists() and _of_others(place):
            kept.unlink()
            say("the threshold that `openbook calibrate` set is removed: it was of documents outside these sources")
        remove_index(path)


def _of_others(place: Place) -> bool:
    """Whether the index holds documents outside the sources; one too damaged to say is taken to be of the same."""
    try:
        store = open_store(place.spec)
    except OpenbookError:
        return False
    try:
        return any(not any(below(document.uri, source) for source in place.sources) for document in store.catalogue())
    except OpenbookError:
        return False
    finally:
        store.close()
