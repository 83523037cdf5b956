"""An answer as JSON, and the part of it that a replay needs read back, checked field by field."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import cast

from openbook.answer.ask import AskSettings
from openbook.errors import OpenbookError
from openbook.index import SearchSettings
from openbook.values import Answer, Json, Stage, Trace


def answer_json(answer: Answer) -> Mapping[str, Json]:
    """The whole answer; labels as sorted lists of sources."""
    value = asdict(answer)
    for passage in value["passages"]:
        passage["label"] = {"tainted_by": sorted(passage["label"]["sources"])}
    return value


def parse_answer(saved: bytes, name: str) -> tuple[str, AskSettings, Trace]:
    """The question, settings and trace of an answer saved with ``--json``. Raises OpenbookError for anything else."""
    try:
        raw = json.loads(saved.decode("utf-8"))
        trace = raw["trace"]
        settings = trace["settings"]
        found = SearchSettings(
            int(settings["search"]["k"]), int(settings["search"]["candidates"]), float(settings["search"]["weight"])
        )
        return (
            _text(raw["question"]),
            AskSettings(found, float(settings["threshold"])),
            Trace(
                str(trace["index"]),
                int(trace["generation"]),
                {str(name): str(value) for name, value in cast("dict[str, str]", trace["models"]).items()},
                cast("Mapping[str, Json]", settings),
                tuple(Stage(str(s["name"]), str(s["inputs"]), str(s["outputs"])) for s in trace["stages"]),
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise OpenbookError(f"{name} is not an answer saved with `openbook ask --json`") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
