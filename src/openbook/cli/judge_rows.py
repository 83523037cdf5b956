"""Judgements as rows that ``openbook eval judge-audit`` reads, and beside people's where there are some."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openbook.cli.judging import Judged
from openbook.cli.new_folder import refuse_far
from openbook.cli.progress import say
from openbook.cli.screen import plural
from openbook.errors import OpenbookError
from openbook.evaluate.audit.whole import Audit, Judgements, audit
from openbook.evaluate.judge.case import Case
from openbook.evaluate.judge.rubric import RUBRIC
from openbook.evaluate.judge_agreement import Scored
from openbook.evaluate.position_bias import Compared
from openbook.json_lines import rows_of, shortened
from openbook.report.files import write_whole

_BEGINS = b'{"judge": '
_MOST_ROWS = 1_000_000


def check_rows(path: Path | None) -> None:
    """Before the work: raises OpenbookError where the file could not be written afterwards."""
    if path is None:
        return
    refuse_far(path, "the judgements")
    if path.suffix.lower() != ".jsonl":
        raise OpenbookError(f"{path} is no name for judgements: give a FILE.jsonl")
    if path.exists() and not (path.is_file() and _holds_rows(path)):
        raise OpenbookError(f"{path} is there and holds no judgements: name another file")


def _holds_rows(path: Path) -> bool:
    """Whether a file is ours to write over: what was saved before, or empty."""
    with path.open("rb") as file:
        return file.read(len(_BEGINS)) in (_BEGINS, b"")


def write_rows(path: Path | None, found: Judged) -> None:
    """Nothing without a path. Raises OpenbookError where the file holds judgements that would be lost."""
    if path is None:
        return
    new = rows(found)
    if path.is_file():
        read = {_key(row) for row in new if _was_read(row)}
        lost = sum(_was_read(row) and _key(row) not in read for _, row in rows_of(path, _MOST_ROWS))
        if lost:
            raise OpenbookError(
                f"{path} holds {plural(lost, 'judgement')} that this run has not: name another file with --save "
                "(replies are kept, so it takes no new calls)"
            )
    write_whole(path, "".join(json.dumps(row) + "\n" for row in new))
    say(f"written: {path}")


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in ("judge", "method", "dimension", "id"))


def _was_read(row: Mapping[str, Any]) -> bool:
    return row.get("score") is not None or row.get("choice") is not None


def rows(found: Judged) -> list[dict[str, Any]]:
    """One for each judgement or verdict, in the order judged."""
    cases = {case.id: case for case in found.cases}
    scores = [
        {
            **_about(found, cases[j.case], j.criterion),
            "score": j.score,
            "human": _human(cases[j.case], j.criterion, found),
            "length": _words(cases[j.case].texts[0]),
            "mass": j.mass,
            "spread": j.spread,
            "samples": j.samples,
            "unread": j.unread,
            "instead": j.instead,
            "flagged": list(j.flagged),
        }
        for j in found.judgements
    ]
    verdicts = [
        {
            **_about(found, cases[v.case], v.criterion),
            "choice": v.choice,
            "choice_swapped": v.swapped,
            "kept": v.kept,
            "human_choice": cases[v.case].human_choice,
            "length_1": _words(cases[v.case].texts[0]),
            "length_2": _words(cases[v.case].texts[1]),
            "unread": v.unread,
            "instead": v.instead,
            "flagged": list(v.flagged),
        }
        for v in found.verdicts
    ]
    return [*scores, *verdicts]


def beside_people(found: Judged) -> Audit:
    """All that ``judge-audit`` says of a recorded file."""
    judge = shortened(f"{found.name} {found.method}")
    cases = {case.id: case for case in found.cases}
    scored: list[Scored] = []
    for j in found.judgements:
        human = _human(cases[j.case], j.criterion, found)
        if j.score is not None and human is not None:
            case = cases[j.case]
            about = case.document, case.system, j.score, human, _words(case.texts[0])
            scored.append(Scored(judge, j.criterion, *about, name=case.id))
    compared = [
        Compared(judge, v.criterion, v.choice, v.swapped, case.human_choice, case.document, _both(case), name=case.id)
        for v in found.verdicts
        for case in [cases[v.case]]
        if v.choice is not None and v.swapped is not None
    ]
    return audit(Judgements(scored, compared))


def _about(found: Judged, case: Case, criterion: str) -> dict[str, Any]:
    return {
        "judge": found.name,
        "method": found.method,
        "dimension": criterion,
        "id": case.id,
        "doc_id": case.document,
        "system": case.system,
    }


def _words(text: str) -> float:
    return float(len(text.split()))


def _both(case: Case) -> tuple[float, float]:
    return _words(case.texts[0]), _words(case.texts[1])


def _human(case: Case, criterion: str, found: Judged) -> float | None:
    """By the criterion's name; one number for all is of the rubric, where there is one."""
    if "" in case.human and (found.method != "rubric" or criterion == RUBRIC):
        return case.human[""]
    return case.human.get(criterion)
