"""What a run of the agent came to, as data: its plan, events, answer and quotes, and the exit code."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from openbook.agent.event_json import packed
from openbook.agent.events import Answered, Event, Finished, Repaired
from openbook.agent.plan import Plan
from openbook.agent.plan_json import json_of
from openbook.values import Json


def as_data(plan: Plan | None, events: Sequence[Event], revisions: Sequence[Json] = ()) -> dict[str, Any]:
    """plan: as it was first made; None where there is none. revisions: what earlier attempts of the run wrote it again
    to. What is given is the last one, in the form of ``agent.plan_json``."""
    told = [event.plan.value for event in events if isinstance(event, Repaired)]
    last = next((event for event in reversed(events) if isinstance(event, Answered)), None)
    return {
        "plan": None if plan is None else [json_of(plan), *revisions, *told][-1],
        "answer": last.answer.value if last else None,
        "tainted_by": sorted(last.answer.label.sources) if last else [],
        "quotes": list(quotes_of(events)),
        "suspicious": list(suspicious_of(events)),
        "left_out": [packed(left) for left in last.left_out] if last else [],
        "events": [packed(event) for event in events],
    }


def quotes_of(events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """Each quote of a finished step, with the step's id."""
    yield from _rows_of(events, "quotes", {"text", "uri", "place"})


def suspicious_of(events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """Each passage that a finished step left out as suspicious, with the step's id."""
    yield from _rows_of(events, "suspicious", {"uri", "place", "why"})


def _rows_of(events: Sequence[Event], part: str, keys: set[str]) -> Iterator[dict[str, Any]]:
    for event in events:
        if isinstance(event, Finished) and isinstance(event.result.value, Mapping):
            rows = event.result.value.get(part)
            for row in cast("Sequence[Any]", rows) if isinstance(rows, list | tuple) else ():
                if isinstance(row, Mapping) and keys <= set(cast("Mapping[str, Any]", row)):
                    yield {"step": event.step, **cast("Mapping[str, Any]", row)}


def exit_code(events: Sequence[Event]) -> int:
    """3 where a question found nothing in the documents, else 1 where a step was left out."""
    for event in events:
        value = event.result.value if isinstance(event, Finished) else None
        if isinstance(value, Mapping) and value.get("found") is False:
            return 3
    last = events[-1] if events else None
    return 1 if isinstance(last, Answered) and last.left_out else 0
