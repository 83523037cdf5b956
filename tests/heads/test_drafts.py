"""What the writer learns: the right sentence is among those shown, and the number behind the answer is its own."""

import re

import numpy as np

from openbook.documents import sentences
from openbook.generate.grounded import MOST_SENTENCES
from openbook.heads.drafts import SAYS_NOTHING, drafts_of
from openbook.heads.examples import Example
from openbook.values import Span

PASSAGE = (
    "The ferry at Norwell ran until 1851. The bridge, designed by Ada Stone, opened in that year. "
    "It was paid for by a toll of two pence. The toll was lifted in 1890."
)
OTHER = "Norwell has a market on Fridays. Its mill burnt down in 1903 and was never rebuilt."


def example(answer: str | None, passage: str = PASSAGE) -> Example:
    spans = () if answer is None else (Span(passage.index(answer), passage.index(answer) + len(answer)),)
    return Example("1", "squad", "norwell", "Who designed the bridge?", passage, (), spans, answer is not None)


def drafts(examples: list[Example], seed: int) -> list[tuple[list[str], str]]:
    return [(d.prompt.split("\n"), d.answer) for d in drafts_of(examples, np.random.default_rng(seed))]


def test_the_number_names_the_sentence_that_the_answer_is_from() -> None:
    first = 0
    for seed in range(60):
        (lines, answer), *_ = drafts([example("Ada Stone"), example("1903", OTHER)], seed)
        mark = re.fullmatch(r" (.*Ada Stone.*) \[(\d)\]\.", answer)
        assert mark is not None
        assert lines[int(mark[2])].startswith(f"[{mark[2]}] The bridge, designed by Ada Stone")
        assert lines[0] == "Question: Who designed the bridge?"
        assert lines[-1] == "Answer:"
        assert len(lines) <= MOST_SENTENCES + 2
        first += mark[2] == "1"
    assert 30 <= first < 60


def test_what_nothing_answers_is_said_to_be_missing() -> None:
    lines, answer = drafts([example(None)], 0)[0]
    assert answer == f" {SAYS_NOTHING}"
    assert len(lines) >= 4


def test_an_example_of_which_nothing_is_known_or_whose_answer_runs_on_is_left_out() -> None:
    assert drafts([Example("1", "medquad", "g", "What is it?", PASSAGE, answerable=True)], 0) == []
    ends = [s.end for s in sentences(PASSAGE, Span(0, len(PASSAGE)))]
    across = Example("1", "squad", "g", "What?", PASSAGE, (), (Span(ends[0] - 5, ends[0] + 5),), answerable=True)
    assert drafts([across], 0) == []
