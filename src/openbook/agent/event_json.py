"""Events as JSON and back, labels and all: what a journal keeps.

Only the classes that are listed here are ever made, so that a file of anyone's makes nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from openbook.agent import events
from openbook.agent.events import Event
from openbook.guard.labelled import Labelled
from openbook.values import Json, Label

_KINDS: Mapping[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        events.Planned,
        events.Started,
        events.Asked,
        events.Retried,
        events.Noticed,
        events.Finished,
        events.Refused,
        events.Failed,
        events.BudgetSpent,
        events.LeftOut,
        events.Corrected,
        events.Reflected,
        events.Repaired,
        events.Stopped,
        events.Answered,
    )
}


def event_text(event: Event) -> str:
    """One line of ASCII."""
    return json.dumps(packed(event), separators=(",", ":"))


def event_of(text: str) -> Event:
    """Raises ValueError for what ``event_text`` did not write."""
    try:
        return _checked(_unpacked(json.loads(text)))
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError("no event") from error


def packed(value: Any) -> Any:
    """Frozen dataclasses of ours as JSON. ``is`` names what each object is, so that a value of a tool, which is kept as
    it stands, is never taken apart."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Labelled):
        return {"is": "labelled", **labelled_json(cast("Labelled[Json]", value))}
    if isinstance(value, Label):
        return {"is": "label", "sources": sorted(value.sources)}
    if isinstance(value, tuple | list):
        return [packed(each) for each in cast("Sequence[Any]", value)]
    if isinstance(value, Mapping):
        return {"is": "map", "of": {key: packed(each) for key, each in cast("Mapping[str, Any]", value).items()}}
    return {"is": type(value).__name__, **{each.name: packed(getattr(value, each.name)) for each in fields(value)}}


def labelled_json(value: Labelled[Json]) -> dict[str, Json]:
    return {"value": value.value, "sources": sorted(value.label.sources)}


def labelled_of(made: Mapping[str, Any]) -> Labelled[Json]:
    return Labelled(made["value"], _label(made["sources"]))


def _unpacked(made: Any) -> Any:
    if isinstance(made, list):
        return tuple(_unpacked(each) for each in cast("list[Any]", made))
    if not isinstance(made, dict):
        return made
    entries = cast("dict[str, Any]", made)
    kind = entries.pop("is")
    if kind == "labelled":
        return labelled_of(entries)
    if kind == "label":
        return _label(entries["sources"])
    if kind == "map":
        return {key: _unpacked(each) for key, each in entries["of"].items()}
    return _KINDS[kind](**{key: _unpacked(each) for key, each in entries.items()})


def _label(sources: list[Any]) -> Label:
    if not all(isinstance(source, str) for source in sources):
        raise ValueError("a source of a label is a name")
    return Label(frozenset(sources))


def _checked(event: Any) -> Event:
    if type(event) not in _KINDS.values():
        raise ValueError("no event")
    return cast("Event", event)
