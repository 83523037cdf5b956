"""A quote that stands nowhere is refused before anything is asked; an answer that stands nowhere is said to."""

import json
from pathlib import Path

import pytest

from openbook.cli.asked_quotes import check_quotes
from openbook.errors import OpenbookError
from openbook.evaluate.asked import Wanted
from openbook.values import Document

LEASE = Document("1", "/n/lease.md", "Lease", "## Rent\n\nThe **rent** is 950 euros\na month.", "")
GARDEN = Document("2", "/n/garden.txt", "Garden", "The pear tree was planted in 1987.", "")


def checked(*wanted: Wanted) -> list[str]:
    where = [f"own.jsonl:{n}" for n in range(1, len(wanted) + 1)]
    read: list[int] = []
    found = check_quotes(wanted, where, [LEASE, GARDEN], read.append)
    assert read == list(range(1, len(read) + 1))
    return found


def test_marks_and_line_ends_do_not_matter() -> None:
    quote = "the rent is 950 euros a month"
    assert checked(Wanted("q", True, (), ("/n/lease.md",), (quote,)), Wanted("q", True, (), (), (quote.upper(),))) == []


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        ((), "does not stand in a document: copy"),
        (("/n/lease.md",), "does not stand in the named source: copy"),
        (("/n/lease.md", "/n/garden.txt"), "does not stand in the named sources: copy"),
    ],
)
def test_a_quote_that_stands_nowhere_is_refused(sources: tuple[str, ...], says: str) -> None:
    known = Wanted("q", True, (), (), ("planted in 1987",))
    with pytest.raises(OpenbookError) as raised:
        checked(known, Wanted("q", True, (), sources, ("planted in 1987", "the apple tree by the gate")))
    said = str(raised.value)
    assert said.startswith("own.jsonl:2: the quote ")
    assert says in said
    assert "\n" not in said


def test_a_quote_in_another_document_than_the_named_one_is_refused() -> None:
    with pytest.raises(OpenbookError, match=r"own\.jsonl:1: the quote 'planted in 1987' does not stand in the named"):
        checked(Wanted("q", True, (), ("/n/lease.md",), ("planted in 1987",)))


def test_answers_that_stand_nowhere_are_named_where_none_of_them_does() -> None:
    assert checked(
        Wanted("q", True, ("nine hundred", "950 euros")),
        Wanted("q", True, ("nine hundred",)),
        Wanted("q", False),
        Wanted("q", True, ("1987",), ("/n/lease.md",)),
    ) == ["own.jsonl:2", "own.jsonl:4"]


def test_the_command_says_both(notes: Path, tmp_path: Path, run) -> None:
    own = tmp_path / "own.jsonl"
    rows = [{"question": "How much is the rent?", "answer": "nine hundred"}, {"question": "Who came?", "answer": None}]
    own.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run("eval", "ask", str(notes), str(own))
    assert done.code == 0
    assert f"1 question ({own}:1) can only be wrong: no answer given for it stands in a document" in done.err
    rows.append({"question": "How much is the rent?", "quote": "rent is nine hundred euros"})
    own.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run("eval", "ask", str(notes), str(own), "--save", str(tmp_path / "kept.jsonl"))
    assert (done.code, len(done.err.strip().splitlines())) == (2, 1)
    assert f"{own}:3: the quote 'rent is nine hundred euros' does not stand in a document" in done.err
    assert not (tmp_path / "kept.jsonl").exists()
