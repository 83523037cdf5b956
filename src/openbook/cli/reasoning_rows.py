"""Questions with known answers, and worked examples, from JSON lines: GSM8K's own, and plain rows.

GSM8K writes the answer behind "####" after the steps; others name answer and steps apart.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from openbook.generate.reasoning.prompts import MOST_EXAMPLES, Example
from openbook.generate.reasoning.reading import Reading
from openbook.json_lines import BadData, rows_of, shortened

MOST_QUESTIONS = 20_000
LONGEST = 20_000
"""Characters of a question, and of steps."""

_STEPS = ("steps", "solution", "rationale")
_CALCULATED = re.compile(r"<<[^<>\n]{0,200}>>")  # GSM8K's notes for a calculator, which are no part of the text


@dataclass(frozen=True, slots=True)
class Row:
    """answer: as the file has it; wanted: as a reading spells it. steps: without the answer, empty where not told."""

    question: str
    answer: str
    steps: str
    wanted: str = ""


def read_questions(path: Path, reading: Reading, first: int | None = None) -> list[Row]:
    """Rows, at most the ``first`` so many. Raises BadData for an answer that the reading cannot read: no model could
    give it.
    """
    rows: list[Row] = []
    for number, raw in rows_of(path, MOST_QUESTIONS):
        row = _row(raw, path, number)
        answer = reading(row.answer)
        if answer is None:
            told = f"{path}:{number} has the answer {shortened(row.answer)!r}, which is not read"
            raise BadData(f"{told}: choose another --reading")
        rows.append(replace(row, wanted=answer))
        if len(rows) == first:
            break
    if not rows:
        raise BadData(f'{path} has no question: put {{"question": …, "answer": …}} on each line')
    return rows


def without_examples(rows: Sequence[Row], examples: Sequence[Example]) -> list[Row]:
    """The questions that are no examples. Raises BadData where none is left."""
    shown = {example.question for example in examples}
    kept = [row for row in rows if row.question not in shown]
    if not kept:
        raise BadData("every question is an example too: give other examples")
    return kept


def read_examples(path: Path) -> tuple[Example, ...]:
    """All rows of a file as examples. Raises BadData for none, or too many."""
    found = tuple(
        Example(row.question, row.answer, row.steps)
        for row in (_row(raw, path, number) for number, raw in rows_of(path, MOST_EXAMPLES))
    )
    if not found:
        raise BadData(f'{path} has no example: put {{"question": …, "answer": …, "steps": …}} on each line')
    return found


def _row(raw: dict[str, Any], path: Path, number: int) -> Row:
    question = _text(raw, "question", path, number)
    if "body" in raw:  # SVAMP tells the story apart from what is asked
        question = f"{_text(raw, 'body', path, number).rstrip('. ')}. {question}"
    steps = next((_text(raw, name, path, number) for name in _STEPS if raw.get(name)), "")
    answer = _answer(raw.get("answer"), path, number)
    told, mark, after = answer.rpartition("####")
    if mark:
        steps, answer = steps or told, after.strip()
    return Row(question, answer, _CALCULATED.sub("", steps.rpartition("####")[0] or steps).strip())


def _answer(value: Any, path: Path, number: int) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    answer = str(value).strip() if isinstance(value, str | int | float) else ""
    if not 1 <= len(answer) <= LONGEST:
        raise BadData(f"{path}:{number} has no answer: give each line one, a text or a number in 'answer'")
    return answer


def _text(raw: dict[str, Any], name: str, path: Path, number: int) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadData(f"{path}:{number} has no text in {name!r}: give each line one")
    if len(value) > LONGEST:
        raise BadData(f"{path}:{number} has {len(value):,} characters in {name!r}: cut it to {LONGEST:,}")
    return value.encode("utf-8", "replace").decode("utf-8").strip()
