"""The journal: what a run is about to do, is written before it is done, so that a killed run goes on where it was.

A call with effects is written down as intended before it is made, and how it ended right after (a write-ahead log, as
in databases: Mohan et al. 1992, "ARIES"). An intent without an end means that nobody knows; it is never taken for
"not done". Labels are kept with the values. The events of the last attempt are kept as they were told.
"""

import json
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

from openbook.agent.event_json import event_of, event_text, labelled_json, labelled_of
from openbook.agent.events import Answered, Event, Why
from openbook.agent.journal_file import JournalProblem, connected, damaged, explained
from openbook.guard.labelled import Labelled
from openbook.values import Json


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended. result: what it gave, or why it failed. unknown: whether a failed call may have had its effect
    all the same. why: the kind of failure."""

    result: Labelled[Json]
    failed: bool = False
    unknown: bool = False
    why: Why = "tool"
    money: Decimal = Decimal(0)
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """A run in the journal. about: whatever was noted when it was begun. begun: UTC, ISO 8601."""

    run: str
    begun: str
    about: Json
    attempts: int
    answered: bool


class Journal:
    """The open file; made by ``open_journal``. Threads may share it, processes may not."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._lock = threading.Lock()

    def begin(self, about: Json = None) -> "RunJournal":
        """A new run. about: what is needed to resume it, such as its request and its plan."""
        run = uuid.uuid4().hex
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.write("INSERT INTO runs VALUES (?, ?, ?, NULL, 1, 0)", run, now, json.dumps(about))
        return RunJournal(self, run, 1)

    def resume(self, run: str) -> "RunJournal":
        """Raises JournalProblem where there is none of this id."""
        attempt = self.known(run).attempts + 1
        self.write("UPDATE runs SET attempts = ?, answered = 0 WHERE id = ?", attempt, run)
        return RunJournal(self, run, attempt)

    def runs(self) -> tuple[Known, ...]:
        """All, the last one first."""
        rows = self.rows("SELECT id, begun, about, attempts, answered FROM runs ORDER BY rowid DESC")
        with explained(self.path):
            return tuple(
                Known(str(run), str(begun), json.loads(about), int(attempts), bool(answered))
                for run, begun, about, attempts, answered in rows
            )

    def known(self, run: str) -> Known:
        """Raises JournalProblem where there is none of this id."""
        for each in self.runs():
            if each.run == run:
                return each
        raise JournalProblem(f"{self.path} has no run {run[:40]}: name one that it has")

    def rows(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        with self._lock, explained(self.path):
            return self._connection.execute(sql, values).fetchall()

    def write(self, sql: str, *values: str | int, durable: bool = False) -> None:
        """durable: on the disk, whatever happens to the machine, before this returns."""
        with self._lock, explained(self.path):
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._connection.execute(sql, values)

    def close(self) -> None:
        self._connection.close()


class RunJournal:
    """The journal of one run; made by ``begin`` and ``resume``. attempt: from 1."""

    def __init__(self, journal: Journal, run: str, attempt: int) -> None:
        self.run = run
        self.attempt = attempt
        self._journal = journal
        self._said = 0

    def hold_to(self, plan: Json) -> None:
        """Raises JournalProblem where an earlier attempt of this run was of another plan."""
        found = _digest(plan)
        self._journal.write("UPDATE runs SET plan = ? WHERE id = ? AND plan IS NULL", found, self.run)
        if self._journal.rows("SELECT plan FROM runs WHERE id = ?", self.run) != [(found,)]:
            raise JournalProblem(f"run {self.run} is of another plan: begin a new run for this one")

    def revise(self, plan: Json) -> None:
        """The plan was written again. When this returns, that is on the disk, before anything of it is done."""
        sql = "INSERT INTO revisions SELECT ?, count(*) + 1, ? FROM revisions WHERE run = ?"
        self._journal.write(sql, self.run, json.dumps(plan), self.run, durable=True)

    def revisions(self) -> tuple[Json, ...]:
        """What the plan was written again to, in order; the last is the one that holds."""
        rows = self._journal.rows("SELECT plan FROM revisions WHERE run = ? ORDER BY number", self.run)
        with explained(self._journal.path):
            return tuple(json.loads(plan) for (plan,) in rows)

    def key(self, call: str) -> str:
        """What a tool knows this call by, over all attempts and all runs."""
        return f"{self.run}/{call}"

    def begun(self, call: str) -> bool:
        """Whether it was intended or ended in any attempt."""
        return bool(self._journal.rows("SELECT 1 FROM calls WHERE run = ? AND call = ?", self.run, call))

    def ended(self, call: str) -> Ended | None:
        rows = self._journal.rows("SELECT ended FROM calls WHERE run = ? AND call = ?", self.run, call)
        if not rows or rows[0][0] is None:
            return None
        with explained(self._journal.path):
            return _ended_of(json.loads(rows[0][0]))

    def same(self, call: str, tool: str, made_of: Json) -> None:
        """Raises JournalProblem where a call of this name was made with anything else."""
        rows = self._journal.rows("SELECT tool, digest FROM calls WHERE run = ? AND call = ?", self.run, call)
        if rows and rows[0] != (tool, _digest(made_of)):
            raise JournalProblem(f"run {self.run} made another call as its {call}: begin a new run")

    def intend(self, call: str, tool: str, made_of: Json) -> None:
        """Before an effect: when this returns, the intent is on the disk."""
        sql = "INSERT OR IGNORE INTO calls VALUES (?, ?, ?, ?, NULL)"
        self._journal.write(sql, self.run, call, tool, _digest(made_of), durable=True)

    def end(self, call: str, tool: str, made_of: Json, ended: Ended, *, durable: bool) -> None:
        """How a call ended; that is said once and stays."""
        text = json.dumps(
            {
                **labelled_json(ended.result),
                "failed": ended.failed,
                "unknown": ended.unknown,
                "why": ended.why,
                "money": str(ended.money),
                "tokens": ended.tokens,
            }
        )
        sql = """INSERT INTO calls VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET ended = excluded.ended WHERE ended IS NULL"""
        self._journal.write(sql, self.run, call, tool, _digest(made_of), text, durable=durable)

    def noted(self, events: Iterable[Event]) -> Iterator[Event]:
        """The same events, each written down before it is told."""
        for event in events:
            self._said += 1
            sql = "INSERT INTO events VALUES (?, ?, ?, ?)"
            self._journal.write(sql, self.run, self.attempt, self._said, event_text(event))
            if isinstance(event, Answered):
                self._journal.write("UPDATE runs SET answered = 1 WHERE id = ?", self.run)
            yield event


def open_journal(path: Path, *, create: bool = True) -> Journal:
    """Raises JournalProblem where the file is of something else, damaged, or in use by another process."""
    return Journal(path, connected(path, create=create))


def replay(journal: Journal, run: str) -> Iterator[Event]:
    """The events of the run's last attempt as they were told; nothing is called. Raises JournalProblem."""
    attempt = journal.known(run).attempts
    rows = journal.rows("SELECT event FROM events WHERE run = ? AND attempt = ? ORDER BY number", run, attempt)
    for (text,) in rows:
        try:
            yield event_of(text)
        except (ValueError, TypeError) as error:
            raise damaged(journal.path) from error


def _ended_of(made: Mapping[str, Any]) -> Ended:
    try:
        money = Decimal(made["money"])
    except InvalidOperation:
        raise ValueError("no amount") from None
    if made["why"] not in get_args(Why):
        raise ValueError("no kind of failure")
    failed, unknown = bool(made["failed"]), bool(made["unknown"])
    return Ended(labelled_of(made), failed, unknown, made["why"], money, int(made["tokens"]))


def _digest(made_of: Json) -> str:
    """SHA-256, in hexadecimal, of a JSON value."""
    return sha256(json.dumps(made_of, sort_keys=True).encode("ascii")).hexdigest()
