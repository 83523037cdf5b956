"""What ``openbook index copy`` does: write another store, its threshold with it, and compare both."""

from dataclasses import asdict
from pathlib import Path

from openbook.answer.folder_threshold import FolderThreshold, beside, stated_threshold, write_threshold
from openbook.cli.opened import WAIT_SECONDS, Place, lock_path, refuse_no_folder
from openbook.cli.progress import say
from openbook.cli.show_report import show_copy
from openbook.cli.typed import print_json
from openbook.errors import OpenbookError
from openbook.index.copy import ORIGIN, CopyReport, copy, prove, refuse_other_vectors, would_be_lost
from openbook.index.location import absolute_store
from openbook.index.lock import sole_writer
from openbook.index.open import open_store
from openbook.index.schema import refuse_stranger
from openbook.index.sqlite import SqliteStore
from openbook.protocols import Store


def run_copy(source: str, target: str, *, replace: bool, as_json: bool) -> None:
    """Copy, then compare both on sample queries. Documents of another index give way only to ``replace``."""
    source, target = absolute_store(source), absolute_store(target)
    if source == target or _same_file(source, target):
        raise OpenbookError("FROM and TO are the same store: name another for TO")
    origin = open_store(source)
    try:
        settings = {name: value for name, value in origin.settings.items() if name not in ("uuid", ORIGIN)}
        threshold = stated_threshold(_kept(source))
        waiting = "another process is writing there: waiting for it"
        goal_place = Place((), target)
        if goal_place.path is not None:
            refuse_stranger(goal_place.path)
        refuse_no_folder(goal_place)
        with sole_writer(lock_path(goal_place), WAIT_SECONDS, lambda: say(waiting)):
            goal = open_store(target, create=settings, write=True)
            try:
                report = _copied(origin, goal, target, threshold, replace=replace)
            finally:
                goal.close()
    finally:
        origin.close()
    if as_json:
        print_json({**asdict(report), "threshold": None if threshold is None else threshold.threshold})
    else:
        show_copy(report, target)
    if report.equal_documents < report.documents or report.equal_dense < report.queries:
        raise OpenbookError(f"the copy at {target} differs from {source}: run the same command again")


def _same_file(source: str, target: str) -> bool:
    """By a link, say."""
    paths = [Place((), spec).path for spec in (source, target)]
    return all(path is not None and path.exists() for path in paths) and paths[0].samefile(paths[1])  # pyright: ignore


def _copied(origin: Store, goal: Store, target: str, threshold: FolderThreshold | None, *, replace: bool) -> CopyReport:
    """Documents first, then the threshold: a copy that is interrupted answers at none that was set for others."""
    lost = would_be_lost(origin, goal)
    if lost and not replace:
        raise OpenbookError(
            f"{target} holds another index, and {lost:,} of its documents would be lost: "
            "name an empty place, or add --replace"
        )
    refuse_other_vectors(origin, goal)
    if lost:
        say(f"{target} held another index: {lost:,} of its documents are replaced")
    kept = _kept(target)
    former = kept.exists()
    kept.unlink(missing_ok=True)
    copy(origin, goal)
    if threshold is not None:
        write_threshold(kept, threshold)
        say(f"the threshold that `openbook calibrate` set, {threshold.threshold:.3f}, is copied too")
    elif former:
        say(f"the threshold that was set for {target} is removed: what is copied there now has none of its own")
    if isinstance(goal, SqliteStore):
        goal.prepare()
    return prove(origin, goal)


def _kept(store: str) -> Path:
    return beside(lock_path(Place((), store)))
