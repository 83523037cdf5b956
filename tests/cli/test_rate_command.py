"""``openbook rate``: blind, in an order of its own for each question, every choice kept, gone on with where it was."""

import json
from pathlib import Path
from typing import Any

import pytest

from openbook.cli import rating_keys
from openbook.cli.rating_ways import Way, read_way, two_ways
from openbook.errors import OpenbookError

ASKED = ("How much is the rent?", "What is the notice period?", "When was the pear tree planted?")
WAYS = ("--way", "threshold=0", "--way", "threshold=1")  # that answers, and one that never does


def done_of(**counts: int) -> dict[str, int]:
    return {"rated": 0, "rated_before": 0, "identical": 0, "skipped": 0, "undone": 0, **counts}


def kept(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "own.txt"
    path.write_text("\n".join(ASKED) + "\n\n" + ASKED[0] + "\n", encoding="utf-8")
    return path


def test_choices_are_kept_and_gone_on_with(notes: Path, questions: Path, tmp_path: Path, run) -> None:
    save = tmp_path / "prefs.jsonl"
    command = ("rate", str(notes), *WAYS, "--questions", str(questions), "--save", str(save), "--annotator", "ada")
    first = run(*command, "--json", stdin="maybe\n1\ns\nq\n")
    assert first.code == 0
    assert first.json["session"] == done_of(rated=1, skipped=1)
    assert "type 1, 2, t, s, u or q" in first.err
    assert "threshold" not in first.err  # which is which is not said
    assert "question 3 of 3" in first.err
    assert all(len(line) <= 80 for line in first.err.splitlines())
    one = kept(save)[0]
    assert {one["chosen"], one["rejected"]} == {
        "Not in these documents.", "The rent is 950 euros a month, due on the third working day.",
    }  # fmt: skip
    before, _, after = first.err.partition("Answer 2")
    assert one["chosen"] in " ".join(before.split())
    assert one["rejected"] in " ".join(after.split())
    again = run(*command, "--json", stdin="t\n2\n")
    assert again.json["session"] == done_of(rated=2, rated_before=1)
    assert "1 question of 3 had been rated before" in again.err
    assert again.json["ties"] == 1
    assert sum(way["won"] for way in again.json["ways"]) == 2
    assert [row["prompt"] for row in kept(save)] == list(ASKED)
    last = run(*command)  # nothing is left to rate
    assert "2 choices" not in last.out
    assert "3 choices" in last.out
    assert all(len(line) <= 80 for line in last.out.splitlines() if str(save) not in line)
    assert last.out.endswith(f"\nkept in {save}\n")
    assert "Answer 1" not in last.err
    other = run(*command[:-1], "grace", "--json", stdin="q\n")
    assert other.json["session"]["rated_before"] == 0


def test_typed_questions_and_answers_that_are_the_same(notes: Path, tmp_path: Path, run) -> None:
    save = tmp_path / "prefs.jsonl"
    typed = f"{ASKED[0]}\n1\n???\n{ASKED[0]}\nWho won the cup in 2018?\n\n"
    done = run("rate", str(notes), "--way", "threshold=1", "--save", str(save), "--json", stdin=typed)
    assert done.json["session"] == done_of(rated=1, rated_before=1, identical=1)
    assert "no letter or digit" in done.err
    assert "both ways answer the same" in done.err
    assert len(kept(save)) == 1
    assert done.json["identical"] == ["Who won the cup in 2018?"]


def test_ctrl_c_ends_as_q_does(notes: Path, tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch) -> None:
    save = tmp_path / "prefs.jsonl"
    line = rating_keys.read_line

    def interrupted(asked: str) -> str | None:
        if (said := line(asked)) == "^C\n":
            raise KeyboardInterrupt
        return said

    monkeypatch.setattr(rating_keys, "read_line", interrupted)
    done = run("rate", str(notes), *WAYS, "--save", str(save), "--json", stdin=f"{ASKED[0]}\n1\n{ASKED[1]}\n^C\n")
    assert (done.code, done.json["session"]) == (130, done_of(rated=1))
    assert "stopped: every choice is kept" in done.err
    assert [row["prompt"] for row in kept(save)] == [ASKED[0]]


def test_without_a_file_choices_lie_beside_the_index_and_are_no_documents(notes: Path, tmp_path: Path, run) -> None:
    typed = f"{ASKED[0]}\n1\n\n"
    done = run("rate", ".", *WAYS, "--json", stdin=typed, cwd=notes)
    path = Path(done.json["file"])
    assert path.parent == next((tmp_path / "cache").rglob("index.sqlite")).parent
    assert len(kept(path)) == 1
    assert sorted(each.name for each in notes.iterdir()) == ["garden.txt", "lease.md"]
    own = run("rate", ".", *WAYS, "--index", str(notes / "own.sqlite"), "--json", stdin="\n", cwd=notes)
    assert own.json["file"] == str(path)
    among = run("rate", ".", *WAYS, "--save", "prefs.jsonl", stdin="\n", cwd=notes)
    assert "prefs.jsonl lies among the documents" in among.err
    hidden = run("rate", ".", *WAYS, "--save", ".own/prefs.jsonl", stdin="\n", cwd=notes)
    assert "lies among" not in hidden.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--way", "k=0"), "not understood at 'k=0'"),
        (("--way", "threshold=nan"), "not understood at 'threshold=nan'"),
        (("--way", "plain"), "answers as the other way does"),
        (("--way", "k=1", "--way", "k=2", "--way", "k=3"), "give --way once or twice"),
        (("--way", "k=1", "--questions", "none.txt"), "none.txt"),
        (("--way", "k=1", "--save", "far/away/x.jsonl"), "there is no folder"),
        (("--way", "k=1", "--save", "notes"), "cannot be read"),
        (("--way", "k=1", "--save", "/proc/x.jsonl"), "/proc/x.jsonl cannot be written"),
        (("--way", "k=1", "--save", "x.jsonl.gz"), "cannot be added to line by line"),
        (("--way", "model=nowhere"), "nowhere"),
    ],
)
def test_bad_input_is_one_line(notes: Path, run, arguments: tuple[str, ...], said: str) -> None:
    done = run("rate", str(notes), *arguments)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_questions_that_cannot_be_asked_are_named(notes: Path, tmp_path: Path, run) -> None:
    path = tmp_path / "own.jsonl"
    for text, said in (
        ('{"question": "Rent?"}\n{"q": 1}\n', ":2 has no question"),
        ('{"question": "?"}\n', ":1: the question has no letter"),
        ("", "holds no question"),
    ):
        path.write_text(text, encoding="utf-8")
        done = run("rate", str(notes), *WAYS, "--questions", str(path))
        assert (done.code, said in done.err) == (2, True)


def test_ways_are_read() -> None:
    assert read_way("model=writer,k=3, no-rerank") == Way("model=writer,k=3, no-rerank", 3, None, False, model="writer")
    assert [way.name for way in two_ways(["no-guard"])] == ["plain", "no-guard"]
    with pytest.raises(OpenbookError, match="no-guards"):
        read_way("no-guards")
