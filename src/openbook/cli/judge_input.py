"""The texts that ``openbook eval judge`` judges, and the criteria for them, checked before anything is asked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from openbook.errors import OpenbookError
from openbook.evaluate.judge.built_in import BUILT_IN, WITH_SOURCE, WITHOUT_SOURCE
from openbook.evaluate.judge.case import Case
from openbook.evaluate.judge.criteria_file import named
from openbook.evaluate.judge.criterion import Criterion, one_scale
from openbook.evaluate.judge.rubric import RUBRIC
from openbook.json_lines import rows_of, shortened

Method: TypeAlias = Literal["geval", "pairwise", "rubric"]

MOST_ROWS = 100_000
LARGEST = 1e100
FIELDS = "candidate, or first and second"


def read_cases(path: Path) -> list[Case]:
    """Texts, or pairs, never both. Raises OpenbookError in one line for rows that are neither."""
    if str(path) == "-":
        raise OpenbookError("what is judged is read from a file, not from standard input: save it, and name the file")
    cases: list[Case] = []
    seen: set[str] = set()
    for number, row in rows_of(path, MOST_ROWS):
        where = f"{path}:{number}"
        case = _case(row, where, str(number))
        if case.id in seen:
            raise OpenbookError(f"{where}: the id {shortened(case.id)} is there twice: give each row its own, or none")
        if cases and len(case.texts) != len(cases[0].texts):
            raise OpenbookError(f"{where} mixes texts and pairs: put each kind into a file of its own")
        seen.add(case.id)
        cases.append(case)
    if not cases:
        raise OpenbookError(f"{path} holds nothing to judge: each line needs {FIELDS}")
    return cases


def method_for(cases: Sequence[Case], asked: Method | None) -> Method:
    """As asked for, or by what the rows are. Raises OpenbookError where the two do not go together."""
    pairs = len(cases[0].texts) == 2
    if asked is not None and (asked == "pairwise") != pairs:
        needs = "first and second in each row" if asked == "pairwise" else "candidate in each row"
        raise OpenbookError(f"--method {asked} needs {needs}: choose another method, or another file")
    return asked or ("pairwise" if pairs else "geval")


def criteria_for(cases: Sequence[Case], names: Sequence[str], method: Method) -> tuple[Criterion, ...]:
    """Those named, else all that the rows have a source for. Raises OpenbookError where a source is missing."""
    without = next((case for case in cases if not case.source), None)
    found = named(names or (WITHOUT_SOURCE if without else WITH_SOURCE))
    needing = next((criterion for criterion in found if criterion.source == "needed"), None)
    if without is not None and needing is not None:
        raise OpenbookError(
            f"row {shortened(without.id)} has no source, and {needing.name} is judged against one: "
            "add it, or leave that criterion out"
        )
    if method == "rubric":
        one_scale(found)
    for case in cases:
        unknown = sorted(set(case.human) - {c.name for c in found} - set(BUILT_IN) - {"", RUBRIC})
        if unknown and not set(case.human) & {c.name for c in found}:
            raise OpenbookError(
                f"row {shortened(case.id)}: human says {shortened(unknown[0])}, and the criteria are "
                f"{', '.join(c.name for c in found)}: name the same"
            )
        for criterion in found:
            _check_scale(case, criterion)
    return found


def _check_scale(case: Case, criterion: Criterion) -> None:
    score = case.human.get(criterion.name, case.human.get(""))
    if score is not None and not criterion.low <= score <= criterion.high:
        raise OpenbookError(
            f"row {shortened(case.id)}: people's score of {criterion.name} is {score:g}, outside its scale of "
            f"{criterion.low} to {criterion.high}: mend it, or give the criterion that scale"
        )


def _case(row: Mapping[str, Any], where: str, number: str) -> Case:
    single, pair = "candidate" in row, "first" in row and "second" in row
    if single == pair:
        raise OpenbookError(f"{where} is nothing to judge: each line needs {FIELDS}")
    fields = ("candidate",) if single else ("first", "second")
    choice = row.get("human_choice")
    if choice is not None and (isinstance(choice, bool) or choice not in (0, 1, 2)):
        raise OpenbookError(f"{where}: human_choice is not 1, 2 or 0 for a tie: mend it, or leave it out")
    return Case(
        _name(row, "id") or number,
        tuple(_text(row, name, where) for name in fields),
        _text(row, "source", where),
        _text(row, "reference", where),
        _name(row, "doc_id"),
        _name(row, "system"),
        _human(row.get("human"), where),
        None if choice is None else int(choice),
    )


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if value is None and name in ("source", "reference"):
        return ""
    if not isinstance(value, str):
        raise OpenbookError(f"{where}: {name} is no text: put it in quotes")
    return value


def _name(row: Mapping[str, Any], name: str) -> str:
    return "" if row.get(name) is None else str(row[name])


def _human(value: Any, where: str) -> dict[str, float]:
    """By criterion; a single number stands under ""."""
    if value is None:
        return {}
    scores = cast("dict[str, Any]", value) if isinstance(value, dict) else {"": value}
    for score in scores.values():
        if isinstance(score, bool) or not isinstance(score, int | float) or not abs(score) <= LARGEST:
            raise OpenbookError(f"{where}: human is no number, and no object of numbers by criterion: mend it")
    return {name: float(score) for name, score in scores.items()}
