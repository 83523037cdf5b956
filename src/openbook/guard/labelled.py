"""A value and the outside sources it derives from: nothing that is done to values here loses a label.

Taint tracking as in information flow control (Denning 1976): the label of a result is the join of the labels of all it
was made of. Text that was read from a document, a tool or the web is data for ever after, whatever it says.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from json import dumps
from string import Formatter
from typing import Generic, TypeVar

from openbook.errors import OpenbookError
from openbook.values import TRUSTED, Json, Label, Part, Prompt, Role

T = TypeVar("T")
Held = TypeVar("Held", covariant=True)
Made = TypeVar("Made")

Path = tuple[str | int, ...]
"""Keys and places that lead to a part of a JSON value, outermost first."""


@dataclass(frozen=True, slots=True)
class Labelled(Generic[Held]):
    """label: of everything that ``value`` was made of."""

    value: Held
    label: Label = TRUSTED


class NoSuchPart(OpenbookError):
    """A value has no part at this path."""


def tainted(value: T, source: str) -> Labelled[T]:
    """What came from outside, under the name of where it came from: a file, an address, a tool."""
    return Labelled(value, Label(frozenset([source])))


def joined(labels: Sequence[Label]) -> Label:
    """The label of what derives from all of these; of nothing, trusted."""
    return Label(frozenset[str]().union(*(label.sources for label in labels)))


def mapped(function: Callable[[T], Made], of: Labelled[T]) -> Labelled[Made]:
    """``function`` of a value: it may forget all of it but where it came from."""
    return Labelled(function(of.value), of.label)


def selected(whole: Labelled[Json], path: Path) -> Labelled[Json]:
    """A part of a JSON value, as tainted as the whole. Raises NoSuchPart."""
    value = whole.value
    for step, key in enumerate(path):
        try:
            value = _entry(value, key)
        except (KeyError, IndexError):
            at = "".join(f"[{part!r}]" for part in path[: step + 1])
            raise NoSuchPart(f"there is no {at} in what was given: name a part that it has") from None
    return Labelled(value, whole.label)


def together(fields: Mapping[str, Labelled[Json]]) -> Labelled[Json]:
    """One object of several values, as tainted as all of them."""
    label = joined([field.label for field in fields.values()])
    return Labelled({name: field.value for name, field in fields.items()}, label)


def filled(template: str, fields: Mapping[str, Labelled[Json]]) -> Labelled[str]:
    """``{name}`` in the template replaced by the field's text, once: braces within a field mean nothing.

    The template is the caller's own. Only plain names stand in braces: no attributes, no formats. The label is of all
    fields that are named. Raises OpenbookError for another name or a brace that is left open.
    """
    said: list[str] = []
    used: list[Label] = []
    try:
        pieces = list(Formatter().parse(template))
    except ValueError as error:
        raise OpenbookError(
            f"the template {template[:80]!r} cannot be read ({error}): double a brace that is meant"
        ) from None
    for text, name, form, conversion in pieces:
        said.append(text)
        if name is None:
            continue
        if name not in fields or form or conversion:
            raise OpenbookError(
                f"the template {template[:80]!r} names {name[:40]!r}: it may name {', '.join(fields) or 'nothing'}"
            )
        used.append(fields[name].label)
        said.append(as_text(fields[name].value))
    return Labelled("".join(said), joined(used))


def as_text(value: Json) -> str:
    """A JSON value as a person would read it: text as it is, all else as JSON."""
    return value if isinstance(value, str) else dumps(value, ensure_ascii=False, default=str)


def same(one: Json, other: Json) -> bool:
    """Equal as JSON: true is not 1."""
    return dumps(one, sort_keys=True) == dumps(other, sort_keys=True)


def part(text: Labelled[str], role: Role) -> Part:
    """A piece of a prompt, under the text's label."""
    return Part(text.value, text.label, role)


def label_of(prompt: Prompt) -> Label:
    """What a model's output derives from: all that it was shown."""
    return joined([each.label for each in prompt])


def _entry(value: Json, key: str | int) -> Json:
    if isinstance(value, Mapping) and isinstance(key, str):
        return value[key]
    if isinstance(value, Sequence) and not isinstance(value, str) and isinstance(key, int):
        return value[key]
    raise KeyError(key)
