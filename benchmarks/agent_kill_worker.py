"""A journalled run whose every effect can be counted, in a process of its own that benchmarks/agent_kill.py kills.

python -m benchmarks.agent_kill_worker FOLDER
Goes on with the run in FOLDER/run.journal, or begins one. Of its effects some take an idempotency key, some can look a
key up, and some can do neither, so that a person, played here by who reads the ledger, is asked. Prints ``ready`` when
the run begins.
"""

import os
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from openbook.agent.declare import declared
from openbook.agent.events import Answered
from openbook.agent.journal import open_journal
from openbook.agent.plan import Call, Filled, Given, Plan, Result
from openbook.agent.run import run
from openbook.agent.tool import Done, Tool
from openbook.agent.world import Asking, World
from openbook.guard.policy import Policy

ROUNDS = 4
"""Of one read and three effects."""

PAUSE = 0.004
"""Seconds before and after an effect, so that kills fall there too."""


def lines_of(folder: Path) -> list[str]:
    """The effects of the file ledger, one a line."""
    file = folder / "ledger.txt"
    return file.read_text(encoding="ascii").splitlines() if file.exists() else []


def rows_of(folder: Path) -> list[str]:
    """The effects of the SQLite ledger, each as often as it took effect."""
    with closing(_ledger(folder)) as ledger:
        return [str(row[0]) for row in ledger.execute("SELECT what FROM effects")]


def plan() -> Plan:
    """Rounds of a reading and three effects, the third made of what the second gave."""
    steps: list[Call] = []
    for number in range(ROUNDS):
        steps += [
            Call(f"read{number}", "read", {"number": Given(number)}),
            Call(f"insert{number}", "insert", {"what": Result(f"read{number}")}),
            Call(f"append{number}", "append", {"what": Result(f"read{number}")}),
            Call(f"note{number}", "note", {"what": Filled("{x}", {"x": Result(f"append{number}")})}),
        ]
    names = [step.id for step in steps]
    return Plan(tuple(steps), Filled(" ".join(f"{{{name}}}" for name in names), {name: Result(name) for name in names}))


def tools(folder: Path) -> list[Tool]:
    def read(number: int) -> str:
        """Read a number."""
        return f"item-{number}"

    def insert(what: str, key: str) -> str:
        """Insert into the ledger once."""
        time.sleep(PAUSE)
        with closing(_ledger(folder)) as ledger, ledger:
            ledger.execute("INSERT OR IGNORE INTO effects VALUES (?, ?)", (key, what))
        time.sleep(PAUSE)
        return f"inserted {what}"

    def append(what: str, key: str) -> str:
        """Append to the ledger."""
        _append(folder, f"append {what} {key}")
        return f"appended {what}"

    def appended(key: str) -> Done | None:
        found = [line.split()[1] for line in lines_of(folder) if line.endswith(f" {key}")]
        return Done(f"appended {found[0]}") if found else None

    def note(what: str) -> str:
        """Append to the ledger, with nothing to know it by."""
        _append(folder, f"note {what}")
        return f"noted {what}"

    everything = ["what"]
    return [
        declared(read),
        declared(insert, effects=["writes"], content=everything, key="key"),
        declared(append, effects=["writes"], content=everything, key="key", done=appended),
        declared(note, effects=["writes"], content=everything),
    ]


def main(folder: Path) -> None:
    def approve(asking: Asking) -> bool:
        """A person who looks whether it was done; what was done is never done again."""
        return asking.again and f"note {asking.arguments['what'].value}" not in lines_of(folder)

    journal = open_journal(folder / "run.journal")
    known = journal.runs()
    log = journal.resume(known[0].run) if known else journal.begin()
    world = World(
        {tool.name: tool for tool in tools(folder)},
        policy=Policy(effects={"reads": "allow", "writes": "allow"}),
        approve=approve,
        journal=log,
    )
    print("ready", flush=True)
    if not isinstance(list(run(plan(), world))[-1], Answered):
        raise SystemExit("the run did not end")
    journal.close()


def _append(folder: Path, line: str) -> None:
    time.sleep(PAUSE)
    file = os.open(folder / "ledger.txt", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.write(file, f"{line}\n".encode("ascii"))
    os.close(file)
    time.sleep(PAUSE)


def _ledger(folder: Path) -> sqlite3.Connection:
    ledger = sqlite3.connect(folder / "ledger.sqlite", timeout=30.0)
    ledger.execute("CREATE TABLE IF NOT EXISTS effects (key TEXT PRIMARY KEY, what TEXT)")
    return ledger


if __name__ == "__main__":
    main(Path(sys.argv[1]))
