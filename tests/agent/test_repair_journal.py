"""A repaired plan is kept like all else of a run: what goes on is the last one, and no effect of any is repeated."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import repaired_run
from hypothesis import given, settings
from hypothesis import strategies as st
from repaired_run import FIRST, FREE, LATER, Mending, events, tools

from openbook.agent.events import Answered, Event, Finished, Planned, Repaired
from openbook.agent.jobs import tool_of
from openbook.agent.journal import Journal, RunJournal, open_journal, replay
from openbook.agent.journal_file import JournalProblem
from openbook.agent.plan import Plan, Result
from openbook.agent.plan_json import json_of
from openbook.agent.run import run
from openbook.agent.run_repaired import run_repaired
from openbook.agent.world import World

SENT = ["bob: hello", "ann: the page"]


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it where it is raised."""


def stopped_after(journal: Journal, writes: int) -> None:
    """Make it the journal of a process that is killed after so many."""
    write, done = journal.write, 0

    def writing(sql: str, *values: str | int, durable: bool = False) -> None:
        nonlocal done
        write(sql, *values, durable=durable)
        done += 1
        if done == writes:
            raise Killed

    journal.write = writing  # type: ignore[method-assign]


def letters(ledger: Path) -> list[str]:
    return [line.partition(" ")[2] for line in ledger.read_text(encoding="ascii").splitlines()]


def told(journal: Journal, run_id: str | None, ledger: Path, model: Mending | None = None) -> list[Event]:
    log = journal.begin() if run_id is None else journal.resume(run_id)
    return list(events(log, tools(ledger), model or Mending()))


def test_each_revision_is_kept_in_order_and_the_run_is_read_back_as_it_was_told(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "runs.journal")
    found = told(journal, None, tmp_path / "ledger.txt")
    (known,) = journal.runs()
    assert known.answered
    assert RunJournal(journal, known.run, 1).revisions() == tuple(json_of(plan) for plan in LATER)
    assert list(replay(journal, known.run)) == found
    assert len([event for event in found if isinstance(event, Answered)]) == 1
    assert [event.plan.value for event in found if isinstance(event, Repaired)] == [json_of(plan) for plan in LATER]
    assert letters(tmp_path / "ledger.txt") == SENT
    model = Mending()
    again = told(journal, known.run, tmp_path / "ledger.txt", model)
    assert model.count == 0
    assert all(event.kept for event in again if isinstance(event, Finished))
    assert again[-1] == found[-1]
    assert letters(tmp_path / "ledger.txt") == SENT
    journal.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("moment", ["asked", "repaired", "letter"])
def test_a_process_that_is_killed_goes_on_with_the_last_plan(tmp_path: Path, moment: str) -> None:
    command = [sys.executable, repaired_run.__file__, str(tmp_path)]
    killed = subprocess.run([*command, moment], check=False)
    assert killed.returncode == -signal.SIGKILL
    subprocess.run([*command, "never"], check=True)
    assert letters(tmp_path / "ledger.txt") == SENT
    journal = open_journal(tmp_path / "runs.journal", create=False)
    (known,) = journal.runs()
    found = list(replay(journal, known.run))
    journal.close()
    plan = {"asked": FIRST, "repaired": LATER[0], "letter": LATER[1]}[moment]
    assert found[0] == Planned(tuple((step.id, tool_of(step)) for step in plan.steps), attempt=2)
    assert isinstance(found[-1], Answered)
    assert found[-1].answer.value == "sent to ann"
    assert not found[-1].left_out


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 45), min_size=1, max_size=3))
def test_wherever_it_is_killed_it_ends_as_if_it_had_not_been(
    tmp_path_factory: pytest.TempPathFactory, kills: list[int]
) -> None:
    """kills: writes to the journal after which each attempt is stopped."""
    folder = tmp_path_factory.mktemp("run")
    for kill in [*kills, None]:
        journal = open_journal(folder / "runs.journal")
        if kill is not None:
            stopped_after(journal, kill)
        runs = journal.runs()
        try:
            found = told(journal, runs[0].run if runs else None, folder / "ledger.txt")
        except Killed:
            found = []
        journal.close()
    assert letters(folder / "ledger.txt") == SENT
    assert isinstance(found[-1], Answered)
    assert found[-1].answer.value == "sent to ann"


def test_a_run_without_a_model_goes_on_with_the_last_plan_too(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "runs.journal")
    told(journal, None, tmp_path / "ledger.txt")
    made = {tool.name: tool for tool in tools(tmp_path / "ledger.txt")}
    found = list(run(FIRST, World(made, journal=journal.resume(journal.runs()[0].run))))
    journal.close()
    assert isinstance(found[-1], Answered)
    assert found[-1].answer.value == "sent to ann"
    assert letters(tmp_path / "ledger.txt") == SENT


def test_repairs_of_earlier_attempts_count_and_another_plan_is_refused(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "runs.journal")
    made = {tool.name: tool for tool in tools(tmp_path / "ledger.txt")}
    log = journal.begin()
    for repairs in (1, 1, 2):
        model = Mending()
        world = World(made, FREE, journal=log)
        found = list(run_repaired("x", FIRST, model, world, repairs=repairs))
        log = journal.resume(log.run)
    assert model.count == 1
    assert isinstance(found[-1], Answered)
    assert len(log.revisions()) == 2
    with pytest.raises(JournalProblem, match="another plan"):
        run_repaired("x", Plan(LATER[0].steps, Result("hello")), Mending(), World(made, journal=log))
    journal.close()
