"""Requests with what must happen, and a small world that they are carried out in."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from openbook.agent.declare import declared
from openbook.agent.events import Answered
from openbook.agent.plan import Call, Given, Plan
from openbook.agent.planner import NotUnderstood, planned
from openbook.agent.run import run
from openbook.agent.tool import Tool
from openbook.agent.tools.calculator import calculator
from openbook.agent.tools.dates import date_tools
from openbook.agent.tools.documents import document_tools
from openbook.agent.tools.files import file_tools
from openbook.agent.tools.units import unit_converter
from openbook.agent.tools.web import page_reader
from openbook.agent.typed_reader import read_typed
from openbook.agent.world import World
from openbook.answer.engine import open_engine
from openbook.encode import SentenceEncoder, open_encoder
from openbook.guard.capability import EFFECTS
from openbook.guard.policy import Policy
from openbook.index.open import open_store
from openbook.index.update import update
from openbook.protocols import Matrix, Store, Vector

DOCUMENTS = {
    "lease.md": "# Lease of 12 Mill Lane\n\n"
    "The landlord is Harriet Boyle.\n\nThe monthly rent is 950 euros, due on the "
    "third working day.\n\nThe deposit is 1,900 euros.\n\n"
    "Either party may end the lease with a notice period of three months.\n",
    "garden.txt": "The pear tree was planted in 1987 by the northern wall.\n\nIt is pruned every February.\n",
    "ferry.md": "# The ferry\n\nThe ferry takes 240 passengers and 36 cars.\n\nThe crossing takes 55 minutes.\n\n"
    "The first boat leaves at 6:15 from the old pier.\n",
    "staff.md": "# Staff\n\nMarta Oliveira has led the workshop since 3 May 2019.\n\nBen Tall keeps the books.\n",
}
FILES = {"notes/todo.txt": "buy twine\n", "budget.csv": "ropes,40\n", "plan.md": "Paint the shed.\n"}


class Remembering:
    """An encoder that embeds each text once: the tools' texts are the same in every test."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vector] = {}
        self.dim, self.digest = encoder.dim, encoder.digest

    def __call__(self, texts: Sequence[str]) -> Matrix:
        for text in texts:
            if text not in self._known:
                self._known[text] = self._encoder([text])[0]
        return np.stack([self._known[text] for text in texts])


@dataclass(frozen=True)
class Place:
    encoder: Remembering
    documents: Sequence[Tool]


def place(folder: Path) -> Place:
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, "utf-8")
    encoder = open_encoder()
    spec = f"sqlite:{folder}/index.db"
    store = open_store(spec, create={"embedder": encoder.digest, "dim": str(encoder.dim), "chunking": "x"}, write=True)
    update(store, encoder, [str(folder / name) for name in DOCUMENTS], token_spans=encoder.token_spans)
    store.close()
    opening: Callable[[], Store] = lambda: open_store(spec)  # noqa: E731
    return Place(Remembering(encoder), document_tools(opening, encoder, open_engine(encoder)))


def tools_of(found: Place, root: Path) -> list[Tool]:
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    real = page_reader(["example.org"])

    def http_get(url: str) -> str:
        """A page that needs no network."""
        return f"the page at {url}"

    page = declared(http_get, effects=["sends"])
    web = Tool(real.name, real.description, real.schema, real.capability, real.check, page.call, False, real.examples)
    return [*found.documents, calculator(), *date_tools(), unit_converter(), *file_tools(root), web]


def outcome(row: dict[str, Any], found: Place, root: Path) -> str:
    """Empty where everything happened that must, else what did not."""
    tools = tools_of(found, root)
    try:
        plan = planned(row["request"], tools, found.encoder)
    except NotUnderstood as error:
        return "" if row.get("refused") else str(error)
    if row.get("refused"):
        return f"planned {names(plan)}"
    if names(plan) != row["tools"]:
        return f"planned {names(plan)}"
    free = Policy(effects=dict.fromkeys(EFFECTS, "allow"))
    *_, last = run(plan, World({tool.name: tool for tool in tools}, free, read_typed))
    assert isinstance(last, Answered)
    if last.left_out:
        return str(last.left_out)
    given = {
        name: term.value for step in calls(plan) for name, term in step.arguments.items() if isinstance(term, Given)
    }
    if row.get("arguments", {}).items() - given.items():
        return f"called with {given}"
    if row.get("says", "") not in str(last.answer.value):
        return f"said {last.answer.value}"
    for name, text in row.get("writes", {}).items():
        if not (root / name).is_file() or text not in (root / name).read_text("utf-8"):
            return f"did not write {text} to {name}"
    return ""


def calls(plan: Plan) -> list[Call]:
    return [step for step in plan.steps if isinstance(step, Call)]


def names(plan: Plan) -> list[str]:
    return [step.tool for step in calls(plan)]


def rows(name: str) -> list[dict[str, Any]]:
    lines = (Path(__file__).parent / name).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]
