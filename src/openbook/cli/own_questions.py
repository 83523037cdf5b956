"""A person's own questions from JSON lines: each with its answer, or null where the documents have none."""

from pathlib import Path
from typing import Any, cast

from openbook.answer.calibrate import FEWEST, Question
from openbook.errors import OpenbookError
from openbook.json_lines import rows_of

MOST = 5_000


def read_questions(path: Path, *, any_kinds: bool = False) -> list[Question]:
    """Raises OpenbookError, or BadData, with the line to mend; for too few of a kind, unless ``any_kinds`` will do."""
    found: list[Question] = []
    for number, row in rows_of(path, MOST):
        question: Any = row.get("question")
        if not isinstance(question, str) or not question.strip():
            raise OpenbookError(f'{path}:{number} has no question: write {{"question": …, "answer": …}}')
        if "answer" not in row:
            raise OpenbookError(f"{path}:{number} has no answer: write null where the documents have none")
        answer: Any = row["answer"]
        answers = cast("list[Any]", answer) if isinstance(answer, list) else [answer]
        if answer is None:
            found.append(Question(question, "unanswerable"))
        elif answers and all(isinstance(text, str) and text.strip() for text in answers):
            found.append(Question(question, "answerable", tuple(answers)))
        else:
            raise OpenbookError(f"{path}:{number}: the answer must be a text, a list of texts, or null")
    kinds = [question.kind for question in found]
    few = min(kinds.count("answerable"), kinds.count("unanswerable"))
    if found and few < FEWEST and not any_kinds:
        raise OpenbookError(
            f"{path} has {kinds.count('answerable')} questions with an answer, {kinds.count('unanswerable')} without: "
            f"give at least {FEWEST} of each"
        )
    if not found:
        raise OpenbookError(f"{path} holds no question: put one JSON object on each line")
    return found
