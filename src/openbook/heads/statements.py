"""Statements made of people's questions: with the right answer in the place of what was asked for, and with another.

A question says in other words what its passage says, which a changed sentence of the passage does not: whoever learns
from both cannot go by copied words alone.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from openbook.documents import sentences
from openbook.evaluate.cloze import NUMBER, candidates
from openbook.evaluate.statements import statement
from openbook.heads.examples import Example
from openbook.values import Span


def statement_examples(examples: Sequence[Example], seed: int) -> list[Example]:
    """Of each question with a marked answer a backed statement, and one with a like answer that is not the right one;
    of each question that its passage only looks as if it answered, one that is not backed.
    """
    rng = np.random.default_rng(seed)
    found: list[Example] = []
    for example in examples:
        if not example.relevant or example.answerable is None:
            continue
        answers = [span.of(example.passage) for span in example.spans]
        wrong = other_answer(example.passage, answers, rng)
        if wrong is not None:
            found.append(_of(example, "wrong", statement(example.question, wrong)))
        if answers:
            right = _of(example, "right", statement(example.question, str(rng.choice(answers))))
            found.append(replace(right, spans=_evidence(example), answerable=True))
    return found


def other_answer(passage: str, answers: Sequence[str], rng: Generator) -> str | None:
    """A number of the passage where the answer is one, else a name or a phrase; none that shares a word with it."""
    own = {word for answer in answers for word in re.findall(r"\w+", answer.casefold())}
    asked = [(s, inside) for s in sentences(passage, Span(0, len(passage))) for inside, _ in candidates(s.of(passage))]
    texts = list(dict.fromkeys(inside.of(s.of(passage)) for s, inside in asked))
    apart = [text for text in texts if not own & set(re.findall(r"\w+", text.casefold()))]
    numeric = bool(answers) and any(NUMBER.search(answer) for answer in answers)
    like = [text for text in apart if bool(NUMBER.fullmatch(text)) == numeric] or apart
    return str(rng.choice(like)) if like else None


def _of(example: Example, how: str, said: str) -> Example:
    return Example(
        f"{example.id}#{how}", "statement", example.group, said, example.passage, example.heading, answerable=False
    )


def _evidence(example: Example) -> tuple[Span, ...]:
    """The sentence that holds the first answer."""
    first = example.spans[0]
    found = [s for s in sentences(example.passage, Span(0, len(example.passage))) if s.start <= first.start < s.end]
    return tuple(found[:1])
