"""Does a killed run repeat an effect, or lose one? SIGKILL at random moments of a journalled run, which then goes on.

Each run has twelve effects of three kinds: with an idempotency key, with a look-up of the key, and with neither, where
a person is asked. It is killed at a moment drawn over its whole length, resumed, and now and then killed again while it
goes on. Then the ledgers are counted. Writes evidence/agent_kill.json. Run: python -m benchmarks.agent_kill
(--kills 20 --dry: a short try that writes nothing)
"""

import argparse
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.agent_kill_worker import ROUNDS, lines_of, rows_of
from benchmarks.data import EVIDENCE, ROOT
from benchmarks.publish import columns, publish, with_interval
from openbook.agent.events import Answered
from openbook.agent.journal import open_journal, replay
from openbook.evaluate.intervals import wilson
from openbook.report.record import Figure
from openbook.report.tables import Table

KILLS = 100
AGAIN = 0.3
"""How often a run that goes on is killed again."""

LATER = 1.1
"""Moments are drawn up to this share of an undisturbed run; a run that has ended by then was not killed."""

EFFECTS = 3 * ROUNDS


@dataclass(frozen=True, slots=True)
class Killed:
    """One SIGKILL. done: effects in the ledgers by then. first: of its run. open: whether a call was intended and had
    not ended; happened: whether it had had its effect. Both are of a first kill; later a call that a person knew to be
    done stays open."""

    done: int
    first: bool
    open: bool
    happened: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that was killed and has ended. repeated, lost: effects. whole: whether its answer is the undisturbed
    run's, with nothing left out but what a person knew to be done."""

    kills: int
    repeated: int
    lost: int
    whole: bool


def seconds_of(folder: Path) -> float:
    """An undisturbed run, from its beginning."""
    worker = _start(folder)
    start = time.perf_counter()
    if worker.wait():
        raise SystemExit("the run failed undisturbed")
    return time.perf_counter() - start


def killed_at(folder: Path, seconds: float, *, first: bool) -> Killed | None:
    """Kill the run so long after it has begun, or has gone on; None where it had ended by then."""
    worker = _start(folder)
    try:
        code = worker.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        worker.send_signal(signal.SIGKILL)
        if worker.wait() == -signal.SIGKILL:
            return _state(folder, first=first)
        code = worker.returncode
    if code:
        raise SystemExit(f"the run failed by itself with {code}")
    return None


def trial(folder: Path, length: float, drawn: random.Random) -> tuple[list[Killed], Ended | None]:
    """One run: killed, resumed until it ends. None where it ended before the first kill."""
    kills: list[Killed] = []
    while not kills or drawn.random() < AGAIN:
        found = killed_at(folder, drawn.uniform(0, LATER * length), first=not kills)
        if found is None:
            break
        kills.append(found)
    if not kills:
        return [], None
    seconds_of(folder)
    effects = Counter(_effects(folder))
    repeated = sum(effects.values()) - len(effects)
    return kills, Ended(len(kills), repeated, EFFECTS - len(effects), _is_whole(folder))


def trials(kills: int, seed: int) -> tuple[list[Killed], list[Ended]]:
    """So many kills at least."""
    drawn = random.Random(seed)
    found: list[Killed] = []
    ends: list[Ended] = []
    with tempfile.TemporaryDirectory() as made:
        length = min(seconds_of(_folder(made, f"whole {number}")) for number in range(2))
        while len(found) < kills:
            more, end = trial(_folder(made, f"run {len(ends)} {drawn.random()}"), length, drawn)
            found += more
            ends += [] if end is None else [end]
    return found, ends


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    given = parser.parse_args()
    kills, ends = trials(given.kills, seed=0)
    effects = len(ends) * EFFECTS
    counted: Sequence[tuple[str, int, int]] = (
        ("effects repeated", sum(end.repeated for end in ends), effects),
        ("effects lost", sum(end.lost for end in ends), effects),
        ("runs that ended with the whole answer", sum(end.whole for end in ends), len(ends)),
        ("first kills between an intent and its end", sum(kill.open for kill in kills), len(ends)),
        ("of these, after the effect", sum(kill.happened for kill in kills), sum(kill.open for kill in kills)),
    )
    again = sum(kill.done for kill in kills)
    figures = [Figure("kills", len(kills), n=len(kills)), Figure("runs", len(ends), n=len(ends))]
    figures.append(Figure("effects that a restart would have repeated", again, n=len(kills)))
    rows: list[tuple[str, ...]] = []
    for name, count, whole in counted:
        share = wilson(count, whole) if whole else None
        if share is not None:
            figures.append(Figure(name, share.value, "", share.low, share.high, share.n))
        rows.append((name, f"{count:,}", f"{whole:,}", with_interval(share)))
    rows.append(("effects that starting over would have repeated", f"{again:,}", "–", "–"))
    note = (
        f"{len(kills)} kills (SIGKILL) of {len(ends)} runs of {EFFECTS} effects each, at moments drawn over the run's "
        f"length; {AGAIN:.0%} of the runs that go on are killed again. Whether a third of the effects was done, only a "
        "person can tell, who looks and says no where it was. 95% intervals: Wilson's."
    )
    publish(
        "agent_kill",
        figures,
        {"agent_kill": Table("A run killed and resumed", columns("", "count", "of", "share"), tuple(rows), note)},
        data=(),
        code=["benchmarks/agent_kill_worker.py", "src/openbook/agent", "src/openbook/guard"],
        folder=None if given.dry else EVIDENCE,
    )


def _start(folder: Path) -> "subprocess.Popen[str]":
    """A worker that has just begun its run."""
    command = [sys.executable, "-m", "benchmarks.agent_kill_worker", str(folder)]
    worker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if worker.stdout is None or worker.stdout.readline() != "ready\n":
        raise SystemExit("the run could not begin")
    worker.stdout.close()
    return worker


def _effects(folder: Path) -> list[str]:
    """What stands in the ledgers, without the keys: with another key it would be the same effect once more."""
    return [*(" ".join(line.split()[:2]) for line in lines_of(folder) if line.startswith("append")),
            *(line for line in lines_of(folder) if not line.startswith("append")),
            *(f"insert {row}" for row in rows_of(folder))]  # fmt: skip


def _state(folder: Path, *, first: bool) -> Killed:
    with closing(sqlite3.connect(folder / "run.journal")) as journal:
        calls = journal.execute("SELECT tool, ended IS NOT NULL FROM calls WHERE tool <> 'read'").fetchall()
    done, ended = len(_effects(folder)), sum(end for _, end in calls)
    return Killed(done, first, first and len(calls) > ended, first and done > ended)


def _is_whole(folder: Path) -> bool:
    """A note that a person knew to be there is left out of the answer, and of nothing else."""
    journal = open_journal(folder / "run.journal", create=False)
    last = list(replay(journal, journal.runs()[0].run))[-1]
    journal.close()
    if not isinstance(last, Answered):
        return False
    there = lines_of(folder)
    return all(
        left.tool == "note" and f"note appended item-{left.step.removeprefix('note')}" in there
        for left in last.left_out
    )


def _folder(parent: str, name: str) -> Path:
    folder = Path(parent) / name
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
