"""A draft is shown whole: what is backed with its number, what is not struck through."""

from dataclasses import replace

import pytest

from openbook.cli.show_answer import show_answer
from openbook.values import Answer, Citation, Sentence, Span, Trace

BACKED = Sentence("It is so.", (Citation("a", Span(0, 3), "So.", "/x/a.txt", "line 1"),), 0.9)
LOOSE = Sentence("It is otherwise.", (), 0.1)
ANSWER = Answer("Is it?", (BACKED,), 0.9, False, (), (), Trace("sqlite:/x", 1, {}, {}, ()), (LOOSE, BACKED))


def test_what_is_not_backed_is_struck_in_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer(ANSWER, [], [])
    said = capsys.readouterr().out
    assert said.index("~~It is otherwise.~~ (not backed)") < said.index("It is so. [1]")
    assert "Nothing of the draft" not in said


def test_where_nothing_is_backed_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer(replace(ANSWER, draft=(LOOSE,)), [], [])
    said = capsys.readouterr().out
    assert "~~It is otherwise.~~ (not backed)" in said
    assert said.index("Nothing of the draft is backed") < said.index("It is so. [1]")
