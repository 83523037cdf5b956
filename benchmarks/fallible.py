"""A scripted model that knows what is right, makes mistakes at stated rates, and mends what it is told.

No language model: its mistakes are drawn, its knowledge is the task's own plan. What is measured with it is what a loop
makes of faults. It sees its prompts and nothing else; from a fault it takes the one thing that a model can take from
it, the right name of an argument.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from openbook.agent.plan import Call, Filled, Plan, Result, Step, Term
from openbook.agent.plan_json import json_of
from openbook.agent.terms import resolved
from openbook.guard.labelled import Labelled
from openbook.values import Decoding, Json, Prompt, Token

_IN_PLACE_OF = re.compile(r"In place of ([^ ]+(?:, [^ ]+)*) write")


@dataclass(frozen=True, slots=True)
class Rates:
    """Probabilities. malformed: of each reply, to be broken JSON, prose, or two objects. slip: of each call that is
    written, to have an argument of the wrong type, a misspelt argument or a misspelt tool. belief: of each task, to
    think that arguments have other names, until a fault says the right one. time_out: of each call of a tool that
    reads, to get no answer; that is the world's mistake, not the model's."""

    malformed: float = 0.0
    slip: float = 0.0
    belief: float = 0.0
    time_out: float = 0.0


@dataclass
class Fallible:
    """beliefs: the wrong name for the right one, of arguments whose names no two tools share."""

    plan: Plan
    rates: Rates
    rng: Random
    beliefs: Mapping[str, str]
    replies: int = 0
    name: str = "fallible"
    believes: bool = field(init=False)

    def __post_init__(self) -> None:
        self.believes = self.rng.random() < self.rates.belief

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:  # noqa: ARG002 - a LanguageModel's
        self.replies += 1
        planning = prompt[0].text.startswith("You plan")
        found = json_of(self._whole(prompt)) if planning else self._next(prompt)
        for call in found["steps"] if planning else [found]:  # type: ignore[union-attr]
            self._spoil(call, prompt)  # type: ignore[arg-type]
        yield Token(-1, self._written(found), finish="end")

    def _whole(self, prompt: Prompt) -> Plan:
        """The right plan; in a repair, its failed steps once more under new ids."""
        asked = next((match for part in prompt if (match := _IN_PLACE_OF.search(part.text))), None)
        return self.plan if asked is None else renamed(_last_plan(self.plan, prompt), asked[1].split(", "))

    def _next(self, prompt: Prompt) -> dict[str, Json]:
        """The first call whose result has not been seen, with the values that were; at the end, the answer."""
        seen: dict[str, Labelled[Json]] = {}
        calls = [step for step in self.plan.steps if isinstance(step, Call)]
        for part in prompt:
            good = part.role == "tool" and part.text.startswith("{")
            if good and len(seen) < len(calls):
                seen[calls[len(seen)].id] = Labelled(json.loads(part.text))
        if len(seen) == len(calls):
            return {"answer": resolved(self.plan.answer, seen).value}
        call = calls[len(seen)]
        arguments = {name: resolved(term, seen).value for name, term in call.arguments.items()}
        return {"tool": call.tool, "arguments": arguments}

    def _spoil(self, call: dict[str, Any], prompt: Prompt) -> None:
        """Wrong names that it believes in, then at most one slip."""
        if "tool" not in call:
            return
        arguments: dict[str, Any] = call["arguments"]
        if self.believes:
            named = {self.beliefs.get(name, name) if not _corrected(name, prompt) else name: name for name in arguments}
            call["arguments"] = arguments = {wrong: arguments[name] for wrong, name in named.items()}
        if self.rng.random() < self.rates.slip:
            kind, name = self.rng.choice(["type", "argument", "tool"]), self.rng.choice(list(arguments))
            if kind == "type":
                arguments[name] = ["?"]
            elif kind == "argument":
                arguments[f"{name}_"] = arguments.pop(name)
            else:
                call["tool"] += "s"

    def _written(self, found: dict[str, Json]) -> str:
        text = json.dumps(found)
        if self.rng.random() >= self.rates.malformed:
            return text
        return self.rng.choice([text[:-2], "I will do that now.", f"{text}\n{text}"])


def _corrected(right: str, prompt: Prompt) -> bool:
    """Whether the prompt, beside the list of the tools, has the argument's right name."""
    return any(re.search(rf"['\"]{right}['\"]|\b{right}: |needs [\w, ]*\b{right}\b|there is [\w, ]*\b{right}\b",
                         part.text) for part in prompt[1:])  # fmt: skip


def _last_plan(plan: Plan, prompt: Prompt) -> Plan:
    """The plan that is to be repaired: the right one under the ids that it has by now."""
    shown = json.loads(prompt[2].text)["steps"]
    names = {old.id: new["id"] for old, new in zip(plan.steps, shown, strict=True)}
    return _under(plan, names)


def renamed(plan: Plan, changing: list[str]) -> Plan:
    """The same plan with these steps under new ids."""
    return _under(plan, {name: f"{name}x" for name in changing})


def _under(plan: Plan, names: Mapping[str, str]) -> Plan:
    def term(found: Term) -> Term:
        match found:
            case Result(step, path):
                return Result(names.get(step, step), path)
            case Filled(template, fields):
                return Filled(template, {name: term(each) for name, each in fields.items()})
            case _:
                return found

    def step(found: Step) -> Step:
        assert isinstance(found, Call)
        arguments = {name: term(each) for name, each in found.arguments.items()}
        return replace(found, id=names.get(found.id, found.id), arguments=arguments)

    return Plan(tuple(step(each) for each in plan.steps), term(plan.answer))
