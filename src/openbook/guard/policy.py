"""Whether a call may happen: a pure function of what the tool declares, where each argument came from, and a policy.

It never looks at what a text says. An attack that no detector knows is stopped like any other, because what it wants
done would be made of tainted text. One thing it does look for: an address in tainted content of a call that acts which
would carry something out by itself (``carried``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from openbook.guard.capability import EFFECTS, Capability, Effect
from openbook.guard.carried import carried
from openbook.guard.labelled import Labelled, same
from openbook.values import Json, Label

Action: TypeAlias = Literal["allow", "ask", "refuse"]
"""ask: a person decides; where none can be asked, it is a refusal."""

STRICTNESS: tuple[Action, ...] = ("allow", "ask", "refuse")


@dataclass(frozen=True, slots=True)
class ArgumentRule:
    """one_of: the only values it may have, whoever chose one. content: whether it may be made of anything."""

    one_of: tuple[Json, ...] | None = None
    content: bool | None = None


@dataclass(frozen=True, slots=True)
class ToolRule:
    """action: in place of what its effects would say."""

    action: Action | None = None
    arguments: Mapping[str, ArgumentRule] = field(default_factory=dict[str, ArgumentRule])


DEFAULT_EFFECTS: Mapping[Effect, Action] = {
    "reads": "allow",
    "writes": "ask",
    "sends": "ask",
    "spends": "ask",
    "executes": "ask",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """effects: what each kind of effect needs. tainted: what happens where outside text would choose an effect."""

    effects: Mapping[Effect, Action] = field(default_factory=lambda: dict(DEFAULT_EFFECTS))
    tainted: Literal["ask", "refuse"] = "refuse"
    tools: Mapping[str, ToolRule] = field(default_factory=dict[str, ToolRule])


@dataclass(frozen=True, slots=True)
class Decision:
    """reason: one line, empty where the call is allowed; it may hold words of the arguments. argument: the one that
    decided, if one did. by_hand: whether only a person who looks at it can allow it, and no yes given beforehand."""

    action: Action
    reason: str = ""
    argument: str | None = None
    by_hand: bool = False


def decide(capability: Capability, arguments: Mapping[str, Labelled[Json]], control: Label, policy: Policy) -> Decision:
    """The strictest of all that speaks to this call.

    control: what the decision to make this call derives from; trusted where a plan made from the request alone says so.
    """
    rule = policy.tools.get(capability.tool, ToolRule())
    found: list[Decision] = []
    if capability.acts and not control.trusted:
        found.append(
            Decision(policy.tainted, f"{capability.tool}: the request does not ask for it; {_named(control)} does")
        )
    for name, argument in arguments.items():
        found.append(_by_argument(capability, name, argument, rule.arguments.get(name, ArgumentRule()), policy))
    for name, limits in rule.arguments.items():
        if limits.one_of is not None and name not in arguments:  # what a tool would take instead is not known here
            found.append(
                Decision("refuse", f"{capability.tool}: the policy lists values of {name}, and it has none", name)
            )
    found.append(
        _by_effects(capability, rule, policy)
    )  # the last: of equals, the one that tells where a choice came from
    return max(found, key=lambda decision: (STRICTNESS.index(decision.action), decision.by_hand))


def _by_effects(capability: Capability, rule: ToolRule, policy: Policy) -> Decision:
    if rule.action is not None:
        return Decision(
            rule.action, "" if rule.action == "allow" else f"{capability.tool}: the policy says {rule.action}"
        )
    actions: list[tuple[Action, Effect]] = [
        (policy.effects.get(effect, "refuse"), effect) for effect in EFFECTS if effect in capability.effects
    ]
    if not actions:
        return Decision("allow")
    action, effect = max(actions, key=lambda pair: STRICTNESS.index(pair[0]))
    return Decision(action, "" if action == "allow" else f"{capability.tool} {effect}: the policy says {action}")


def _by_argument(
    capability: Capability, name: str, argument: Labelled[Json], rule: ArgumentRule, policy: Policy
) -> Decision:
    if rule.one_of is not None:
        if any(same(argument.value, one) for one in rule.one_of):
            return Decision("allow")  # a person wrote this value into the policy: it may be chosen by anybody
        return Decision("refuse", f"{capability.tool}: the policy does not list this {name}", name)
    if argument.label.trusted:
        return Decision("allow")
    content = name in capability.content if rule.content is None else rule.content
    if content:
        found = carried(argument.value) if capability.acts else ""
        said = f"{capability.tool}: its {name}, which comes from {_named(argument.label)}, holds {found}"
        return Decision("ask", said, name, by_hand=True) if found else Decision("allow")
    return Decision(
        policy.tainted,
        f"{capability.tool}: its {name} comes from {_named(argument.label)}, and only the request may choose it",
        name,
    )


def _named(label: Label, most: int = 3) -> str:
    names = sorted(label.sources)
    rest = len(names) - most
    return ", ".join(name[:80] for name in names[:most]) + (f" and {rest} more" if rest > 0 else "")
