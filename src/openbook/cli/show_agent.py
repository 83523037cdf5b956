"""A run of the agent on a terminal: each step as it ends, then the answer and the quotes it rests on."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from openbook.agent.events import (
    Answered,
    Asked,
    BudgetSpent,
    Corrected,
    Event,
    Failed,
    Finished,
    LeftOut,
    Noticed,
    Planned,
    Reflected,
    Refused,
    Repaired,
    Retried,
    Started,
    Stopped,
)
from openbook.agent.plan import Call, Filled, Given, Item, Plan, Result, Term
from openbook.cli.agent_told import quotes_of, suspicious_of
from openbook.cli.screen import console, one_line, plural, visible, where
from openbook.guard.labelled import as_text
from openbook.values import Json

MOST_QUOTED = 280
"""Characters of a passage that was found."""


class Shown:
    """Shows events in the order they come. roots: of the documents, to name them by. hint: what to do where something
    was not allowed for want of a person."""

    def __init__(self, roots: Sequence[Path], hint: str = "") -> None:
        self._hint = hint
        self._told: set[str] = set()
        self._unheard = False
        self._screen = console()
        self._roots = roots
        self._events: list[Event] = []
        self._begun: dict[tuple[str, int | None], Started] = {}

    def show(self, event: Event) -> None:
        self._events.append(event)
        match event:
            case Planned(steps, attempt):
                again = f", attempt {attempt}" if attempt > 1 else ""
                self._print(Text(f"plan: {plural(len(steps), 'step')}{again}", style="dim"))
            case Started(step, item):
                self._begun[step, item] = event
            case Finished(step, item, tool, result, kept):
                self._step(step, item, tool, one_line(_said(result.value)) + (" (kept)" if kept else ""), "")
            case Asked(approved=False):
                self._unheard = True
            case Refused(step, item, tool, reason):
                self._told.add(reason.value)
                self._step(step, item, tool, f"refused: {one_line(reason.value)}", "red")
            case Failed(step, item, tool, message, unknown):
                self._told.add(message.value)
                more = " (it may have been done all the same)" if unknown else ""
                self._step(step, item, tool, f"failed: {one_line(message.value)}{more}", "red")
            case Asked() | Retried() | Noticed() | BudgetSpent() | Corrected() | Reflected() | Repaired() | Stopped():
                self._print(_aside(event))
            case LeftOut():
                pass  # told with the answer
            case Answered():
                self._answer(event)

    def _step(self, step: str, item: int | None, tool: str, said: str, style: str) -> None:
        begun = self._begun.get((step, item))
        made_of = (
            ""
            if begun is None or tool == "parse"
            else ", ".join(_argument(n, a.value) for n, a in begun.arguments.items())
        )
        head = Text.assemble((f"{step} ", "cyan"), (tool, "bold"), f" {one_line(made_of)}")
        head.truncate(self._screen.width, overflow="ellipsis")
        if tool == "parse" and style == "":  # the value alone says all
            self._print(Text.assemble((f"{step} ", "cyan"), (tool, "bold"), f" {said}"))
            return
        body = Text(f"  {said}", style=style)
        if style == "":
            body.truncate(self._screen.width, overflow="ellipsis")
        self._print(head)
        self._print(body)

    def _answer(self, event: Answered) -> None:
        self._print(Text())
        answer = _said(event.answer.value)
        for left in event.left_out:  # why, stands above
            if left.reason.value in self._told:
                answer = answer.replace(f"(left out: {left.reason.value})", "(left out)")
        if answer.strip() != "(left out)":
            self._print(Text(visible(answer).strip(), style="bold"))
        for number, quote in enumerate(quotes_of(self._events), start=1):
            place = where(str(quote["uri"]), str(quote["place"]), self._roots)
            self._print(
                Text.assemble("\n", (f"[{number}] ", "cyan"), (place, "underline"), (f"  step {quote['step']}", "dim"))
            )
            for line in Text(f"«{_marked(quote)}»").wrap(self._screen, self._screen.width - 4):
                line.rstrip()
                self._print(Text("    ") + line)
        told = [
            f"! suspicious: {where(str(row['uri']), str(row['place']), self._roots)} {one_line(str(row['why']))}"
            for row in suspicious_of(self._events)
        ]
        for line in dict.fromkeys(told):
            self._print(Text(f"{line} (it is not quoted)", style="yellow"))
        for left in event.left_out:
            why = "" if left.reason.value in self._told else f": {one_line(left.reason.value)}"
            self._print(Text(f"left out: step {left.step}, {left.tool}{why}", style="yellow"))
        if self._unheard and self._hint:
            self._print(Text(self._hint, style="yellow"))

    def _print(self, text: Text) -> None:
        self._screen.print(text)


def _aside(
    event: Asked | Retried | Noticed | BudgetSpent | Corrected | Reflected | Repaired | Stopped,
) -> Text:
    """What a step, or the model that plans, goes through on its way."""
    match event:
        case Asked(_, _, tool, reason, approved):
            return Text(f"{tool}: {'allowed' if approved else 'not allowed'}", style="yellow")
        case Retried(_, _, tool, attempt, message):
            return Text(f"{tool}: try {attempt} failed: {one_line(message.value)}", style="yellow")
        case Noticed(_, _, tool, notice):
            return Text(f"{tool}: {notice}", style="yellow")
        case BudgetSpent(what):
            return Text(what, style="red")
        case Corrected(what, fault):
            return Text(f"the model's {what} could not be used: {one_line(fault.value)}", style="yellow")
        case Reflected(_, thought):
            return Text(f"the model reflects: {one_line(thought.value)}", style="dim")
        case Repaired(steps):
            return Text(f"planned again after step {', '.join(steps)}", style="yellow")
        case Stopped(reason):
            return Text(one_line(reason.value), style="red")


def show_plan(plan: Plan) -> None:
    """Before anything is done."""
    screen = console()
    for step in plan.steps:
        if isinstance(step, Call):
            made_of = ", ".join(f"{name}: {term_text(term)}" for name, term in step.arguments.items())
            line = Text.assemble((f"{step.id} ", "cyan"), (step.tool, "bold"), f" {visible(made_of)}")
        else:
            kind = str(step.schema.get("format") or step.schema.get("type"))
            line = Text.assemble((f"{step.id} ", "cyan"), ("parse", "bold"), f" {kind} in {term_text(step.text)}")
        screen.print(line)
    screen.print(Text(f"answer: {' · '.join(term_text(plan.answer).splitlines())}", style="dim"))


def term_text(term: Term) -> str:
    """A term as the plan names it: ``<3>`` for the result of step 3."""
    match term:
        case Given(value):
            return as_text(value)
        case Result(step, path):
            return "<" + ".".join([step, *(str(each) for each in path)]) + ">"
        case Item(path):
            return "<" + ".".join(["item", *(str(each) for each in path)]) + ">"
        case Filled(template, fields):
            for name, field in fields.items():
                template = template.replace(f"{{{name}}}", term_text(field))
            return template


def _argument(name: str, value: Json) -> str:
    return f"{name}: {as_text(value)[:200]}"


def _said(value: Json) -> str:
    """The text of a result: its answer where it has one."""
    if isinstance(value, Mapping) and isinstance(value.get("answer"), str):
        return str(value["answer"])
    return as_text(value)


def _marked(quote: Mapping[str, Any]) -> str:
    """The quote, with the words that answer in brackets; of a long passage its beginning."""
    text, words = one_line(str(quote["text"])), one_line(str(quote.get("words") or ""))
    if not words and len(text) > MOST_QUOTED:
        return f"{text[:MOST_QUOTED].rsplit(' ', 1)[0]} …"
    return text.replace(words, f"[{words}]", 1) if words and words != text else text
