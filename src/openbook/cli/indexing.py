"""What ``openbook index`` does: update, watch, rebuild, copy."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from openbook.cli.opened import WAIT_SECONDS, Place, bring_up_to_date, lock_path, place_of, refuse_no_folder
from openbook.cli.progress import say
from openbook.cli.show_report import show_copy, show_summary
from openbook.cli.typed import print_json
from openbook.encode import SentenceEncoder, open_encoder
from openbook.errors import OpenbookError, UnreadableSource
from openbook.index.copy import ORIGIN, copy, prove, would_be_lost
from openbook.index.location import absolute_store, is_url
from openbook.index.lock import sole_writer
from openbook.index.open import open_store
from openbook.index.schema import is_removable, refuse_stranger, remove_index
from openbook.index.sqlite import SqliteStore
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
    _show(bring_up_to_date(place, encoder, quiet=as_json), place, verbose=verbose, as_json=as_json)
    if watch:
        with suppress(KeyboardInterrupt):  # the way to end it
            _follow(place, encoder, verbose=verbose, as_json=as_json)


def run_copy(source: str, target: str, *, replace: bool, as_json: bool) -> None:
    """Copy, then compare both on sample queries. Documents of another index give way only to ``replace``."""
    source, target = absolute_store(source), absolute_store(target)
    if source == target:
        raise OpenbookError("FROM and TO are the same store: name another for TO")
    origin = open_store(source)
    try:
        settings = {name: value for name, value in origin.settings.items() if name not in ("uuid", ORIGIN)}
        waiting = "another process is writing there: waiting for it"
        goal_place = Place((), target)
        if goal_place.path is not None:
            refuse_stranger(goal_place.path)
        refuse_no_folder(goal_place)
        with sole_writer(lock_path(goal_place), WAIT_SECONDS, lambda: say(waiting)):
            goal = open_store(target, create=settings, write=True)
            try:
                lost = would_be_lost(origin, goal)
                if lost and not replace:
                    raise OpenbookError(
                        f"{target} holds another index, and {lost:,} of its documents would be lost: "
                        "name an empty place, or add --replace"
                    )
                if lost:
                    say(f"{target} held another index: {lost:,} of its documents are replaced")
                copy(origin, goal)
                if isinstance(goal, SqliteStore):
                    goal.prepare()
                report = prove(origin, goal)
            finally:
                goal.close()
    finally:
        origin.close()
    if as_json:
        print_json(asdict(report))
    else:
        show_copy(report, target)
    if report.equal_documents < report.documents or report.equal_dense < report.queries:
        raise OpenbookError(f"the copy at {target} differs from {source}: run the same command again")


def _follow(place: Place, encoder: SentenceEncoder, *, verbose: bool, as_json: bool) -> None:
    """Until interrupted; a folder that goes, or is empty for a while, is waited for."""
    told = False
    while True:
        for number, _paths in enumerate(changes(place.sources)):
            if number == 0 and not told:
                say("watching for changes; Ctrl-C ends it")
                told = True
            try:
                summary = bring_up_to_date(place, encoder, quiet=True)
            except UnreadableSource as error:
                if not _missing(place):
                    say(f"{error}; still watching")
                continue
            if summary.added or summary.changed or summary.moved or summary.removed:
                _show(summary, place, verbose=verbose, as_json=as_json)
        if gone := _missing(place):
            say(f"{gone[0]} is gone: what was indexed is kept, watching goes on when it is back")
            while _missing(place):
                time.sleep(BACK_SECONDS)
            say("it is back")


def _missing(place: Place) -> list[str]:
    return [source for source in place.sources if not is_url(source) and not Path(source).exists()]


def _show(summary: Summary, place: Place, *, verbose: bool, as_json: bool) -> None:
    if as_json:
        print_json({"store": place.spec, **asdict(summary)})
    else:
        show_summary(summary, place, verbose=verbose)


def _remove(place: Place) -> None:
    """The old index file and what stands beside it, held by its writer's lock. Nothing but an index is removed."""
    path = place.path
    if path is None:
        raise OpenbookError(
            "--rebuild removes an index file; drop the collections of a Milvus store with its own tools"
        )
    if not is_removable(path):
        raise OpenbookError(f"{path} is not an openbook index, so it is not removed: choose another path")
    with sole_writer(path, WAIT_SECONDS):
        remove_index(path)
