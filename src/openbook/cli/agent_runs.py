"""The journal of ``openbook agent``: a new run in it, or the last unfinished one gone on with."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from openbook.agent.journal import Journal, RunJournal, open_journal
from openbook.agent.plan import Plan
from openbook.agent.plan_json import json_of, plan_of
from openbook.cli.agent_setting import Setting, setting_json, setting_of
from openbook.errors import OpenbookError
from openbook.values import Json

OfRun = Callable[[Plan | None], RunJournal | None]
"""Begins the run in the journal, with its plan; called when that is made."""


@contextmanager
def journalled(path: Path | None, *, resume: bool, dry: bool = False) -> Generator[Journal | None]:
    """The open journal, if one is named. dry: nothing will be done, so that none is begun."""
    if path is None:
        if resume:
            raise OpenbookError("--resume needs --journal FILE, in which the run was written down")
        yield None
        return
    if dry and not resume:
        yield None
        return
    journal = open_journal(path, create=not resume)
    try:
        yield journal
    finally:
        journal.close()


def wanted_run(journal: Journal | None, given: Setting, *, resume: bool) -> tuple[Setting, Plan | None, OfRun]:
    """What is to be done; of a run that goes on, what its journal says, with its plan, if it had one.

    Raises OpenbookError where no unfinished run is left.
    """
    if journal is None:
        return given, None, lambda _: None
    if not resume:
        return given, None, lambda plan: journal.begin(_about(given, plan))
    unfinished = next((run for run in journal.runs() if not run.answered), None)
    if unfinished is None:
        raise OpenbookError(f"{journal.path} has no unfinished run: leave --resume out to begin one")
    noted, plan = _noted(unfinished.about)
    if given.task and given.task != noted.task:
        raise OpenbookError(f"the unfinished run is of another task ({noted.task[:60]!r}): leave the task out")
    _same(given, noted)
    return noted, plan, lambda _: journal.resume(unfinished.run)


def _same(given: Setting, noted: Setting) -> None:
    """A run goes on as it was begun. Raises OpenbookError for an option that says otherwise, and where MCP servers
    would be started that nobody has named now: a journal is a file, and starts no programs.
    """
    for option in fields(Setting):
        value, began = getattr(given, option.name), getattr(noted, option.name)
        told = value not in ((), None, False, "")
        if value != began and (told or option.name == "servers"):
            name = {"docs": "docs", "hosts": "host", "servers": "mcp"}.get(option.name, option.name)
            again = f"begin it with --{name} as before" if option.name == "servers" else f"leave --{name} out"
            raise OpenbookError(f"the unfinished run was begun with another --{name}: {again}, or begin a new run")


def _about(setting: Setting, plan: Plan | None) -> Json:
    return {"setting": setting_json(setting), "plan": None if plan is None else json_of(plan)}


def _noted(about: Json) -> tuple[Setting, Plan | None]:
    """Raises OpenbookError for what another program noted."""
    if not isinstance(about, Mapping) or set(about) != {"setting", "plan"}:
        return setting_of(None), None
    return setting_of(about["setting"]), None if about["plan"] is None else plan_of(about["plan"])
