"""A journalled run whose plan is repaired, in a process of its own that kills itself at a named moment.

python repaired_run.py FOLDER MOMENT. Each effect is a line of FOLDER/ledger.txt. Moments: ``asked`` (the model has been
asked for another plan and has not answered), ``repaired`` (the plan is written again, and nothing of it is done),
``letter`` (the effect of the last step has happened, and nobody knows), ``never``.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from openbook.agent.declare import declared
from openbook.agent.events import Event, Repaired
from openbook.agent.journal import RunJournal, open_journal
from openbook.agent.plan import Call, Given, Plan, Result
from openbook.agent.plan_json import json_of
from openbook.agent.run_repaired import run_repaired
from openbook.agent.tool import Done, Tool, ToolFailed
from openbook.agent.world import World
from openbook.guard.policy import Policy
from openbook.values import Decoding, Prompt, Token

FREE = Policy(effects={"reads": "allow", "sends": "allow"})
HELLO = Call("hello", "send", {"to": Given("bob"), "body": Given("hello")})


def plan(page: str, name: str, letter: str) -> Plan:
    """A letter to bob, then a page, then a letter to ann made of it."""
    read = Call(page, "page", {"name": Given(name)})
    return Plan((HELLO, read, Call(letter, "send", {"to": Given("ann"), "body": Result(page)})), Result(letter))


FIRST = plan("p", "gone", "letter")
LATER = (plan("p1", "lost", "letter1"), plan("p2", "here", "letter2"))


class Mending:
    """A model that writes the later plans in turn, by what failed, so that it says the same to the same question."""

    name = "mending"

    def __init__(self, asked: Callable[[], object] = lambda: None) -> None:
        self.asked = asked
        self.count = 0

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
        self.asked()
        self.count += 1
        yield Token(-1, json.dumps(json_of(LATER["Step p1 " in prompt[-1].text])))
        yield Token(-1, "", finish="end")


def tools(ledger: Path, sent: Callable[[str], object] = lambda to: None) -> tuple[Tool, ...]:
    """sent: called when a letter has gone."""

    def page(name: str) -> str:
        """Read a page."""
        if name != "here":
            raise ToolFailed("there is none")
        return "the page"

    def send(to: str, body: str, key: str) -> str:
        """Send a letter."""
        with ledger.open("a", encoding="ascii") as file:
            file.write(f"{key} {to}: {body}\n")
        sent(to)
        return f"sent to {to}"

    def done(key: str) -> Done | None:
        lines = ledger.read_text(encoding="ascii").splitlines() if ledger.exists() else []
        return next((Done("sent to ann") for line in lines if line.startswith(f"{key} ")), None)

    return (
        declared(page, effects=["reads"]),
        declared(send, effects=["sends"], content=["body"], key="key", done=done),
    )


def events(journal: RunJournal, made: tuple[Tool, ...], model: Mending) -> Iterator[Event]:
    world = World({tool.name: tool for tool in made}, FREE, journal=journal)
    return run_repaired("Write to bob, and send ann the page.", FIRST, model, world)


def main(folder: Path, moment: str) -> None:
    def die(now: bool) -> None:
        if now:
            os.kill(os.getpid(), signal.SIGKILL)

    journal = open_journal(folder / "runs.journal")
    runs = journal.runs()
    log = journal.resume(runs[0].run) if runs else journal.begin()
    made = tools(folder / "ledger.txt", lambda to: die(moment == "letter" and to == "ann"))
    for event in events(log, made, Mending(lambda: die(moment == "asked"))):
        die(moment == "repaired" and isinstance(event, Repaired))
    journal.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
