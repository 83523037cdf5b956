"""What came back to each question, kept one a line while the rest is asked, so that a run that was killed goes on.

A line is found again by a digest of the question, the index, the models and the settings: of another index or with
other settings, nothing is taken over.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from openbook.cli.kept_lines import keep_line, kept_lines
from openbook.cli.new_folder import refuse_far
from openbook.evaluate.asked import Backing, Cited, Response

HEAD = "answers kept by eval ask"


def check_kept(path: Path) -> None:
    """Before the work: raises OpenbookError where the file is another's, or could not be written."""
    refuse_far(path, "the answers")
    if path.exists():
        kept_in(path)


def kept_in(path: Path) -> dict[str, Response]:
    """Responses by key; none where there is no file."""
    return kept_lines(path, HEAD, "kept answer", lambda row: _response(row["response"]))


def keep(path: Path, key: str, question: str, response: Response) -> None:
    """Add one, whole."""
    keep_line(path, HEAD, {"key": key, "question": question, "response": asdict(response)})


def _response(raw: dict[str, Any]) -> Response:
    backing = raw["backing"]
    return Response(
        _share(raw["confidence"]),
        tuple(Cited(*(_text(c[name]) for name in ("quote", "uri", "place", "words"))) for c in raw["cited"]),
        float(raw["seconds"]),
        _rank(raw["file_rank"]),
        _rank(raw["quote_rank"]),
        None
        if backing is None
        else Backing(bool(backing["together"]), tuple(bool(each) for each in backing["precise"])),
        tuple(bool(each) for each in raw.get("drafted", ())),  # files from before models drafted have none
    )


def _share(value: Any) -> float:
    if not 0.0 <= float(value) <= 1.0:
        raise ValueError
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _rank(value: Any) -> int | None:
    if value is not None and int(value) < 1:
        raise ValueError
    return None if value is None else int(value)
