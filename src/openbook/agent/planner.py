"""A request in English becomes a plan without a language model: cut into parts, each given to the nearest tool.

What decides is structure (what a part mentions, whether it asks or orders, what it refers to) and nearness to what the
tools say of themselves. What cannot be placed is said; nothing that writes or sends is ever guessed: it needs an order,
in words near to the tool's own, that names its file or address and its content.
"""

from collections.abc import Sequence

from openbook.agent.draft import Draft, NothingMeant
from openbook.agent.nearness import Nearness
from openbook.agent.placing import Placement, Source, Words, placed
from openbook.agent.plan import Filled, Given, Plan, Term
from openbook.agent.request.form import asked, is_forbidden
from openbook.agent.request.parts import MOST_CHARACTERS, MOST_PARTS, Part, parts_of
from openbook.agent.request.references import REFERENCE, Reference
from openbook.agent.request.spoken import Arithmetic
from openbook.agent.slots import kinds_of
from openbook.agent.tool import Tool
from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.protocols import Embedder

_FEW = frozenset(
    "what which who is are was were do does did it that this me us the a an of to in on and so result".split()
)


class NotUnderstood(OpenbookError):
    """A request, or a part of one, that no tool here is for."""


def planned(request: str, tools: Sequence[Tool], embed: Embedder) -> Plan:
    """Raises NotUnderstood, in one line that says what can be done here."""
    if not any(character.isalnum() for character in request):
        raise NotUnderstood("the request is empty: say what is to be done")
    if len(request) > MOST_CHARACTERS:
        raise NotUnderstood(f"the request has over {MOST_CHARACTERS:,} characters: ask for less at once")
    near = Nearness(tools, embed)
    lookup = next((tool for tool in tools if set(kinds_of(tool.schema).values()) == {"question"}), None)
    draft = Draft(lookup)
    told: list[str] = []
    parts = parts_of(request, lambda part: is_forbidden(part.text) or placed(part, tools, near) is not None)
    if len(parts) > MOST_PARTS:
        raise NotUnderstood(f"the request has {len(parts)} parts and may have {MOST_PARTS}: ask for less at once")
    for part in parts:
        if (is_forbidden(part.text) and len(parts) > 1) or (draft.values and _echoes(part, near)):
            continue
        placement = placed(part, tools, near)
        if placement is None:
            raise _not_understood(part, tools)
        try:
            told += _steps(part, placement, draft)
        except NothingMeant as error:
            raise NotUnderstood(
                f"{shortened(part.text)!r}: {error}: say it in one sentence with what it means"
            ) from None
    if not told:
        raise _not_understood(parts[0], tools)
    return draft.plan(told)


def _steps(part: Part, placement: Placement, draft: Draft) -> list[str]:
    """One call, or of a tool that takes one file or address one for each that is named."""
    kinds = kinds_of(placement.tool.schema)
    name, kind = next(iter(kinds.items()), ("", ""))
    several = [each.value for each in part.mentions if each.kind == kind]
    if len(kinds) == 1 and kind in ("path", "uri") and len(several) > 1:
        return [draft.call(placement.tool, {name: Given(value)}, part.text) for value in several]
    arguments = {name: _term(source, kinds[name], draft) for name, source in placement.sources.items()}
    about = asked(part.text)
    return [draft.call(placement.tool, arguments, about)]


def _term(source: Source, kind: str, draft: Draft) -> Term:
    match source:
        case str():
            return Given(source)
        case Arithmetic():
            return draft.expression(source)
        case Words(text):
            return draft.told(draft.looked_up(text))
        case Reference():
            steps = draft.meant(source)
            if kind != "text":
                return draft.typed(steps[-1], kind)
            fields = {f"r{step}": draft.told(step) for step in steps}
            return (
                draft.told(steps[0]) if len(steps) == 1 else Filled("\n".join(f"{{{name}}}" for name in fields), fields)
            )


def _echoes(part: Part, near: Nearness) -> bool:
    """ "and tell me what it says": what is told at the end anyway, and nothing else."""
    if part.mentions or not part.references:
        return False
    rest = [word for word in REFERENCE.sub(" ", asked(part.text)).lower().split() if word.strip(".,?!") not in _FEW]
    whole = near.whole(part.alike)
    return len(rest) <= 1 and max(whole, key=lambda name: whole[name]) != "" and max(whole.values()) < 0.6


def _not_understood(part: Part, tools: Sequence[Tool]) -> NotUnderstood:
    able = ", ".join(" ".join(tool.name.replace("_", " ").split()) for tool in tools) or "nothing"
    because = " (it says not to, or only in some case)" if part.forbids else ""
    return NotUnderstood(f"I did not understand {shortened(part.text)!r}{because}: here I can {able}")
