"""Which tool a part of a request is for, and what each argument is made of: by what it mentions and how near it is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from openbook.agent.nearness import Nearness
from openbook.agent.request.form import asked, is_question
from openbook.agent.request.mentions import Mention
from openbook.agent.request.parts import Part
from openbook.agent.request.references import Reference
from openbook.agent.request.spoken import Arithmetic, arithmetic
from openbook.agent.slots import kinds_of
from openbook.agent.tool import Tool

LEAST, LEAST_ORDER = 0.3, 0.45
"""Nearness that a tool needs whose arguments are all there, and one that an order to look something up is for."""

FOR_ALL, FOR_EACH, FOR_ARITHMETIC, OF_A_QUESTION = 0.25, 0.1, 0.3, 0.45
"""Added where all that is mentioned is used, for each argument after the first, and where the whole is arithmetic; and
what a question has to the tool that answers questions.

Chosen on the phrasings in ``tests/agent/phrasings.jsonl``."""

_NAMED = frozenset({"text", "uri", "path", "mail"})
_CONTENT = re.compile(r"\b((?:the|our|my|its|their|his|her)\b.+?)\s+(?:to|in|into|as|under|at)\b[^.]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """Words that say what is meant, to be looked up: "the notice period"."""

    text: str


Source: TypeAlias = str | Arithmetic | Reference | Words


@dataclass(frozen=True, slots=True)
class Placement:
    """sources: what each argument is made of. score: how sure, to compare with other tools'."""

    tool: Tool
    sources: Mapping[str, Source]
    score: float


def placed(part: Part, tools: Sequence[Tool], near: Nearness) -> Placement | None:
    """The best of the tools, or None where none fits or what is wanted is beyond them."""
    whole, beginning = near.whole(part.alike), near.beginning(part.alike)
    lookup = next((tool for tool in tools if set(kinds_of(tool.schema).values()) == {"question"}), None)
    found = [
        placement
        for tool in tools
        if (placement := _with(tool, part, whole[tool.name], beginning[tool.name], answers=tool is lookup)) is not None
    ]
    if not found:
        return None
    best = max(found, key=lambda placement: placement.score)
    if best.tool.capability.acts and (part.question or part.forbids):
        return None  # and nothing else is done in its place
    nearest = max(tools, key=lambda tool: whole[tool.name])
    lacking = nearest.capability.acts and all(placement.tool is not nearest for placement in found)
    if lacking and not part.question and whole[nearest.name] > whole[best.tool.name]:
        return None  # an order to change something that lacks a part: "write to a.txt"
    spoken = any(isinstance(source, Arithmetic) for source in best.sources.values())
    looks = best.tool.name if "question" in kinds_of(best.tool.schema).values() else ""
    if not part.question and not spoken and not (looks and _asks_within(part)):
        name = best.tool.name
        mine, beyond = (max(whole[each], beginning[each]) if looks else whole[each] for each in (name, ""))
        if beyond > mine:
            return None
    return best


def _with(tool: Tool, part: Part, whole: float, beginning: float, *, answers: bool) -> Placement | None:
    kinds = kinds_of(tool.schema)
    if set(kinds.values()) == {"question"}:
        return _looking(tool, kinds, part, max(whole, beginning), answers=answers)
    sources: dict[str, Source] = {}
    left = list(part.mentions)
    references = list(part.references)
    for name, kind in kinds.items():
        source = _source(kind, part, left, references)
        if source is None:
            return None
        sources[name] = source
    spoken = any(isinstance(source, Arithmetic) for source in sources.values())
    unused = [] if spoken else [each for each in left if each.kind != "unit"]
    if tool.capability.acts and any(each.kind in _NAMED for each in unused):
        return None
    if whole < LEAST and not spoken:
        return None
    everything = [each for each in part.mentions if each.kind != "unit"]
    counted = len(_distinct(everything)) + len(part.references)
    over = len(_distinct(unused)) + (0 if spoken else len(references))
    share = 1 - over / counted if counted else 0.0
    score = whole + FOR_ALL * share + FOR_EACH * (len(kinds) - 1) + (FOR_ARITHMETIC if spoken else 0.0)
    return Placement(tool, sources, score)


def _looking(tool: Tool, kinds: Mapping[str, str], part: Part, near: float, *, answers: bool) -> Placement | None:
    """A tool that takes a question: any will do, but no order to do something with a file or an address.
    answers: whether this is the first such tool, which is the one that a question is for."""
    if _named(part) or not any(character.isalpha() for character in part.text):
        return None
    if not (answers and is_question(asked(part.text))) and near < LEAST_ORDER:
        return None
    score = (OF_A_QUESTION if answers and _asks_within(part) else near) + 0.2 * near
    said = asked(part.text) if answers or _asks_within(part) else part.text
    return Placement(tool, dict.fromkeys(kinds, said), score)


def _source(kind: str, part: Part, left: list[Mention], references: list[Reference]) -> Source | None:
    """Takes what it uses out of ``left`` and ``references``."""
    if kind == "question":
        return asked(part.text)
    if kind == "expression":
        return arithmetic(part.text)
    mention = next((each for each in left if each.kind == kind), None)
    if mention is not None:
        left[:] = [each for each in left if not mention.span.holds(each.span)]
        return mention.value
    if kind in ("date", "quantity", "text") and references:
        return references.pop(0)
    return _content(part) if kind == "text" else None


def _content(part: Part) -> Words | None:
    """The words between an order and the file: "write the notice period to notice.txt"."""
    path = next((each for each in part.mentions if each.kind == "path"), None)
    match = _CONTENT.search(part.text[: path.span.start]) if path else None
    return Words(match[1]) if match else None


def _asks_within(part: Part) -> bool:
    """Whether it is a question, or an order to find out what a question in it asks."""
    return part.question or (is_question(asked(part.text)) and not asked(part.text).startswith("what is "))


def _named(part: Part) -> bool:
    return any(each.kind in ("uri", "path", "mail") for each in part.mentions)


def _distinct(found: Sequence[Mention]) -> set[tuple[int, int]]:
    return {(each.span.start, each.span.end) for each in found}
