"""A person's own questions from JSON lines: each with its answer, or null where the documents have none."""

from pathlib import Path
from typing import Any, cast

from openbook.answer.calibrate import Question
from openbook.errors import OpenbookError
from openbook.json_lines import rows_of

MOST = 5_000


def read_questions(path: Path) -> list[Question]:
    """Raises OpenbookError, or BadData, with the line to mend."""
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
    if not found:
        raise OpenbookError(f"{path} holds no question: put one JSON object on each line")
    return found
