"""A plan while it is made: steps, what each gave, and typed values read from earlier results."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from openbook.agent.plan import Call, Filled, Given, Parse, Plan, Result, Step, Term
from openbook.agent.request.references import Reference, referred
from openbook.agent.request.spoken import Arithmetic
from openbook.agent.slots import kinds_of
from openbook.agent.tool import Tool
from openbook.errors import OpenbookError
from openbook.values import Json

_SCHEMAS: dict[str, dict[str, Json]] = {
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "quantity": {"type": "string", "format": "quantity"},
}
_SMALL = frozenset("a an the of is are was were what how much many in on at by to for its our my their his her".split())


class NothingMeant(OpenbookError):
    """A word refers to an earlier result, and there is none."""


@dataclass(slots=True)
class Draft:
    """values: steps that gave something, in order; used: those that a calculation was made with."""

    lookup: Tool | None
    steps: list[Step] = field(default_factory=list[Step])
    values: list[str] = field(default_factory=list[str])
    used: set[str] = field(default_factory=set[str])
    _tools: dict[str, Tool] = field(default_factory=dict[str, Tool])
    _about: dict[str, str] = field(default_factory=dict[str, str])

    def call(self, tool: Tool, arguments: dict[str, Term], about: str) -> str:
        """about: the words that asked for it."""
        step = f"{len(self.steps) + 1}"
        self.steps.append(Call(step, tool.name, arguments))
        self._tools[step], self._about[step] = tool, about
        if not any(effect in tool.capability.effects for effect in ("writes", "spends", "executes")):
            self.values.append(step)
        return step

    def meant(self, reference: Reference) -> tuple[str, ...]:
        """The steps that a reference means. Raises NothingMeant."""
        fresh = [step for step in self.values if step not in self.used]
        found = referred(reference, fresh if reference.many and len(fresh) > 1 else self.values)
        if not found:
            raise NothingMeant("there is no earlier result that this means")
        return found

    def told(self, step: str) -> Term:
        """The text of a result. A tool that takes a question gives an object with its ``answer``."""
        return Result(step, ("answer",)) if self._looks(step) else Result(step)

    def typed(self, step: str, kind: str) -> Term:
        """A number, date or quantity in a result: of a calculator its own, of all else what a reader finds."""
        if kind == "number" and "expression" in kinds_of(self._tools[step].schema).values():
            return Result(step)
        text: Term = self.told(step)
        if self._looks(step):  # the words that were asked for come first, their sentence after them
            text = Filled("{words}\n{answer}", {"words": Result(step, ("words",)), "answer": text})
        name = f"{len(self.steps) + 1}"
        known = next(
            (
                each
                for each in self.steps
                if isinstance(each, Parse) and (each.text, each.schema) == (text, _SCHEMAS[kind])
            ),
            None,
        )
        if known is not None:
            return Result(known.id)
        self.steps.append(Parse(name, text, self._about[step], _SCHEMAS[kind]))
        return Result(name)

    def looked_up(self, words: str) -> str:
        """The step that asked for these words before, or a new one that does. Raises NothingMeant."""
        wanted = _content(words)
        for step in reversed(self.values):
            if self._looks(step) and wanted and wanted <= _content(self._about[step]):
                return step
        if self.lookup is None:
            raise NothingMeant(f"nothing here says what {words!r} is")
        question = f"What is {words}?"
        (name,) = kinds_of(self.lookup.schema)
        return self.call(self.lookup, {name: Given(question)}, question)

    def expression(self, said: Arithmetic) -> Term:
        """The calculator's notation, with terms for what is not yet a number."""
        template, fields = said.template, dict[str, Term]()
        for place, operand in enumerate(said.operands):
            steps = self.meant(operand) if isinstance(operand, Reference) else (self.looked_up(operand),)
            names = [f"n{place}_{each}" for each, _ in enumerate(steps)]
            fields |= {name: self.typed(step, "number") for name, step in zip(names, steps, strict=True)}
            sign = operand.joined if isinstance(operand, Reference) else ", "
            template = template.replace(f"{{{place}}}", sign.join(f"({{{name}}})" for name in names))
            self.used.update(steps)
        return Filled(template, fields) if fields else Given(template)

    def plan(self, told: Sequence[str]) -> Plan:
        """told: steps whose results the person is told, in order."""
        if len(told) == 1:
            return Plan(tuple(self.steps), self.told(told[0]))
        fields = {f"r{step}": self.told(step) for step in told}
        return Plan(tuple(self.steps), Filled("\n".join(f"{{{name}}}" for name in fields), fields))

    def _looks(self, step: str) -> bool:
        return "question" in kinds_of(self._tools[step].schema).values()


def _content(words: str) -> set[str]:
    return {word for word in re.findall(r"\w+", words.lower()) if word not in _SMALL}
