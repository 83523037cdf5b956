"""A sitting of ``openbook rate``: what is typed, what is kept, what is taken back, and what is told at the end."""

import io
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.align.rating import tally
from openbook.align.rating_file import kept_choices
from openbook.cli.rating_session import Session, rated
from openbook.cli.rating_sitting import Sitting
from openbook.cli.rating_ways import Answering
from openbook.cli.show_rating import MOST_LISTED, show_tally
from openbook.values import Answer, Sentence, Trace

WAYS = ("plain", "k=1")
ASKED = ("one?", "two?", "three?", "four?")


def saying(way: str) -> Answering:
    """Answers that name their way, but for questions about the same."""
    trace = Trace("", 0, {}, {}, ())

    def answer(question: str) -> Answer:
        text = "Alike." if "same" in question else f"{way} to {question}"
        return Answer(question, (Sentence(text, (), 1.0),), 1.0, False, (), (), trace)

    return answer


def sat(
    monkeypatch: pytest.MonkeyPatch, save: Path, lines: str, asked: tuple[str, ...] | None = ASKED, by: str = "ada"
) -> Sitting:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines.split(","))))
    return rated(Session(WAYS, save, by, 0, ()), asked, [saying(way) for way in WAYS])


def prompts(save: Path) -> list[str]:
    return [choice.prompt for choice in kept_choices(save)]


def test_a_choice_is_taken_back_and_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    save = tmp_path / "own.jsonl"
    done = sat(monkeypatch, save, "u,1,2,u,u,2,q")  # at the third, the second and then the first are taken back
    assert (done.rated, done.undone, prompts(save)) == ({"one?"}, 2, ["one?"])
    said = capsys.readouterr().err
    assert said.count("there is no choice to take back") == 1
    assert said.count("question 3 of 4") == 1
    first = kept_choices(save)[0]
    assert first.won is not None
    assert first.ways[first.won] != first.ways[first.first]  # 2 was typed
    again = sat(monkeypatch, save, "u,1,1,s,1,u,t,")  # of the earlier sitting; and the last when no question is left
    assert again.rated == {"one?", "two?", "four?"}
    assert (again.undone, again.skipped, again.rated_before) == (2, 1, 1)
    assert capsys.readouterr().err.count("No question is left.") == 2


def test_the_last_choice_can_be_taken_back_when_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    save = tmp_path / "own.jsonl"
    sat(monkeypatch, save, "1,1", ASKED[:2])
    done = sat(monkeypatch, save, "u,t,u,s,", ASKED[:2])
    assert (done.rated, done.skipped, done.undone, prompts(save)) == (set(), 1, 2, ["one?"])
    assert "No question is left." in capsys.readouterr().err
    typed = sat(monkeypatch, save, "u,1,three?,2,u,s,", None)
    assert (typed.rated, typed.undone, prompts(save)) == ({"one?"}, 2, ["one?"])


def test_nobody_takes_back_what_another_chose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save = tmp_path / "own.jsonl"
    sat(monkeypatch, save, "1,q")
    other = sat(monkeypatch, save, "u,q", by="grace")
    assert (other.undone, prompts(save)) == (0, ["one?"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("12tsu"), max_size=12), st.booleans())
def test_whatever_is_typed_a_question_has_one_choice_at_most(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], before: bool
) -> None:
    save = tmp_path_factory.mktemp("sitting") / "own.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        if before:
            sat(patch, save, "1,q", ASKED[1:])
        done = sat(patch, save, ",".join(lines))
    assert len(set(prompts(save))) == len(prompts(save))
    assert done.rated <= set(prompts(save)) <= {*done.rated, "two?"}


def test_which_stands_first_is_by_the_seed_and_the_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tuple(f"{n}?" for n in range(12))
    shown: list[list[str]] = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        monkeypatch.setattr(sys, "stdin", io.StringIO("1\n" * 12))
        save = tmp_path / name
        rated(Session(WAYS, save, "ada", seed, ()), asked, [saying(way) for way in WAYS])
        shown.append([choice.ways[0] for choice in kept_choices(save)])
    assert shown[0] == shown[1] != shown[2]
    assert len(set(shown[0])) == 2


def test_ctrl_c_keeps_what_was_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save = tmp_path / "own.jsonl"

    class Keys(io.StringIO):
        def readline(self, size: int = -1, /) -> str:
            if (line := super().readline(size)) == "^C\n":
                raise KeyboardInterrupt
            return line

    monkeypatch.setattr(sys, "stdin", Keys("1\n2\n^C\n"))
    done = rated(Session(WAYS, save, "ada", 0, ()), ASKED, [saying(way) for way in WAYS])
    assert (done.interrupted, len(done.rated), len(prompts(save))) == (True, 2, 2)


def test_questions_answered_alike_are_listed_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    save = tmp_path / "own.jsonl"
    many = tuple(f"same {n}?" for n in range(MOST_LISTED + 2))
    done = sat(monkeypatch, save, "1", ("one?", *many))
    show_tally(tally(WAYS, kept_choices(save)), save, done.identical)
    out = capsys.readouterr().out
    assert f"\nanswered the same both ways, so passed over: {len(many)} questions\n  same 0?\n" in out
    assert f"  same {MOST_LISTED - 1}?\n  and 2 more, which --json lists\n\nkept in {save}\n" in out
