"""What a strategy gave to each question, kept one a line, found again by model, question, strategy and settings."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from openbook.cli.kept_lines import keep_line, kept_lines
from openbook.cli.new_folder import refuse_far
from openbook.evaluate.reasoning import Given

HEAD = "answers kept by eval reasoning"


def check_kept(path: Path) -> None:
    """Before the work: raises OpenbookError where the file is another's, or could not be written."""
    refuse_far(path, "the answers")
    if path.exists():
        kept_in(path)


def kept_in(path: Path) -> dict[str, Given]:
    return kept_lines(path, HEAD, "kept answer", lambda row: _given(row["given"]))


def keep(path: Path, key: str, question: str, strategy: str, given: Given, texts: Sequence[str]) -> None:
    """Add one, with the texts it came from, for a person to look at."""
    row = {"key": key, "strategy": strategy, "question": question, "given": asdict(given), "texts": list(texts)}
    keep_line(path, HEAD, row)


def key_of(*parts: Any) -> str:
    """SHA-256 of what decides an answer."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _given(raw: Mapping[str, Any]) -> Given:
    answer = raw["answer"]
    if answer is not None and not isinstance(answer, str):
        raise TypeError
    calls, tied = raw["calls"], raw["tied"]
    if type(calls) is not int or calls < 1 or type(tied) is not bool:
        raise ValueError
    return Given(answer, _count(raw["prompt"]), _count(raw["written"]), calls, tied)


def _count(value: Any) -> int | None:
    if value is not None and (type(value) is not int or value < 0):
        raise ValueError
    return value
