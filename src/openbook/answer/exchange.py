"""An answer as JSON, and the part of it that a replay needs read back, checked field by field."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import cast

from openbook.answer.ask import AskSettings
from openbook.errors import OpenbookError
from openbook.index import SearchSettings
from openbook.values import Answer, Json, Stage, Trace

MAX_FILE = 50_000_000


def answer_json(answer: Answer) -> Mapping[str, Json]:
    """The whole answer; labels as sorted lists of sources."""
    value = asdict(answer)
    for passage in value["passages"]:
        passage["label"] = {"tainted_by": sorted(passage["label"]["sources"])}
    return value


def read_answer(path: Path) -> tuple[str, AskSettings, Trace]:
    """The question, settings and trace of an answer saved with ``--json``. Raises OpenbookError for any other file."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise OpenbookError(f"{path} is over {MAX_FILE // 1_000_000} MB: it is not a saved answer")
        raw = json.loads(path.read_text(encoding="utf-8"))
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
    except OSError as error:
        raise OpenbookError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise OpenbookError(f"{path} is not an answer saved with `openbook ask --json`") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
