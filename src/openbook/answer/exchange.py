"""An answer as JSON, and the part of it that a replay needs read back, checked field by field."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

from openbook.answer.ask import AskSettings
from openbook.errors import OpenbookError
from openbook.index import SearchSettings
from openbook.values import Answer, Json, Stage, Trace

SHOWN = ("sentences", "confidence", "abstained", "passages")
"""What a person reads and the index alone decides; ``stale`` and the audit are of the files on their day."""


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """What a replay needs of a saved answer. shown: its fields ``SHOWN`` as they stand in the file."""

    question: str
    settings: AskSettings
    trace: Trace
    shown: Mapping[str, Json]


def answer_json(answer: Answer) -> Mapping[str, Json]:
    """The whole answer; labels as sorted lists of sources."""
    value = asdict(answer)
    for passage in value["passages"]:
        passage["label"] = {"tainted_by": sorted(passage["label"]["sources"])}
    return value


def shown_json(answer: Answer) -> Mapping[str, Json]:
    """The fields ``SHOWN`` as a file would give them back."""
    return {name: json.loads(json.dumps(value)) for name, value in answer_json(answer).items() if name in SHOWN}


def parse_answer(saved: bytes, name: str) -> SavedAnswer:
    """Read back an answer saved with ``--json``. Raises OpenbookError for anything else."""
    try:
        raw = json.loads(saved.decode("utf-8"))
        trace = raw["trace"]
        settings = trace["settings"]
        kept = settings["search"]
        within = tuple(_text(uri) for uri in kept.get("within", ()))
        found = SearchSettings(int(kept["k"]), int(kept["candidates"]), float(kept["weight"]), within)
        return SavedAnswer(
            _text(raw["question"]),
            AskSettings(found, float(settings["threshold"]), int(settings.get("pool", 0))),
            Trace(
                str(trace["index"]),
                int(trace["generation"]),
                {str(name): str(value) for name, value in cast("dict[str, str]", trace["models"]).items()},
                cast("Mapping[str, Json]", settings),
                tuple(Stage(str(s["name"]), str(s["inputs"]), str(s["outputs"])) for s in trace["stages"]),
            ),
            {part: raw[part] for part in SHOWN},
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise OpenbookError(f"{name} is not an answer saved with `openbook ask --json`") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
