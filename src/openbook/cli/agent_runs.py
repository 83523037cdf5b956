"""The journal of ``openbook agent``: a new run in it, or the last unfinished one gone on with."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from openbook.agent.journal import Journal, RunJournal, open_journal
from openbook.cli.agent_setting import Setting, setting_json, setting_of
from openbook.errors import OpenbookError

OfRun = Callable[[], RunJournal | None]
"""Begins the run in the journal; called when its plan is made."""


@contextmanager
def journalled(path: Path | None, *, resume: bool) -> Generator[Journal | None]:
    """The open journal, if one is named."""
    if path is None:
        if resume:
            raise OpenbookError("--resume needs --journal FILE, in which the run was written down")
        yield None
        return
    journal = open_journal(path, create=not resume)
    try:
        yield journal
    finally:
        journal.close()


def wanted_run(journal: Journal | None, given: Setting, *, resume: bool) -> tuple[Setting, OfRun]:
    """What is to be done; of a run that goes on, what its journal says. Raises OpenbookError where none is left."""
    if journal is None:
        return given, lambda: None
    if not resume:
        return given, lambda: journal.begin(setting_json(given))
    unfinished = next((run for run in journal.runs() if not run.answered), None)
    if unfinished is None:
        raise OpenbookError(f"{journal.path} has no unfinished run: leave --resume out to begin one")
    noted = setting_of(unfinished.about)
    if given.task and given.task != noted.task:
        raise OpenbookError(f"the unfinished run is of another task ({noted.task[:60]!r}): leave the task out")
    return noted, lambda: journal.resume(unfinished.run)
