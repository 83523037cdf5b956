"""``openbook eval ask``: measures on one's own questions; goes on after a kill; one clear line for bad files."""

import json
from pathlib import Path
from typing import Any

import pytest

from openbook.cli.asked_input import read_wanted, with_uris
from openbook.cli.kept_answers import check_kept, keep, kept_in
from openbook.errors import OpenbookError
from openbook.evaluate.asked import Backing, Cited, Response, Wanted

RENT = {"question": "How much is the rent?", "answer": "950 euros", "source": "lease.md"}
NOTICE = {"question": "What is the notice period?", "answer": ["three months", "3 months"], "source": "notes/lease.md"}
TREE = {"question": "When was the pear tree planted?", "source": "garden.txt", "quote": "planted in 1987", "group": 7}
CUP = {"question": "Who won the football World Cup in 2018?", "answer": None}


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_it_measures_and_goes_on_from_what_was_kept(notes: Path, tmp_path: Path, run) -> None:
    own = written(tmp_path / "own.jsonl", RENT, NOTICE, TREE, CUP, CUP)
    kept = tmp_path / "kept.jsonl"
    first = run("eval", "ask", str(notes), str(own), "--save", str(kept), "--json")
    assert (first.code, "counted once: 1 question" in first.err) == (0, True)
    found = first.json
    assert found["questions"] == [3, 1]
    measures = {one["name"]: one for one in found["now"]["measures"]}
    assert measures["of those answered, right"]["value"] == 1.0
    assert measures["without an answer: answered"]["value"] == 0.0
    assert {one["name"]: one["value"] for one in found["retrieval"]}["document: recall@1"] == 1.0
    assert found["other_half"] is None
    lines = kept.read_bytes().splitlines(keepends=True)
    assert len(lines) == 5  # the head and four questions
    kept.write_bytes(b"".join(lines[:3]) + lines[3][:20])  # as a kill in the middle of a line leaves it
    page = tmp_path / "page.html"
    again = run("eval", "ask", str(notes), str(own), "--save", str(kept), "--out", str(page), "--stages")
    assert "asking: 2 of 4 answers were kept" in again.err
    assert all(len(line) <= 80 for line in again.out.splitlines())
    for said in ("no reading together", "as shipped", "Finding the named source", "A quote backs itself"):
        assert said in " ".join(again.out.split())
    assert page.read_text(encoding="utf-8").count("<svg") >= 1
    third = run("eval", "ask", str(notes), str(own), "--save", str(kept), "--json")
    assert third.json["now"] == found["now"]
    assert "asking: 4 of 4 answers" in third.err
    (notes / "new.txt").write_text("The gate is painted green.\n", encoding="utf-8")
    changed = run("eval", "ask", str(notes), str(own), "--save", str(kept), "--update", "--json")
    assert "were kept" not in changed.err  # of another generation


def test_questions_that_the_threshold_was_set_on_are_noticed(notes: Path, tmp_path: Path, run) -> None:
    rows = [{"question": f"How much is the rent in {month}?", "answer": "950"} for month in "abcdefghij"]
    rows += [{"question": f"Who won the cup in {year}?", "answer": None} for year in range(1990, 2000)]
    own = written(tmp_path / "own.jsonl", *rows)
    assert run("calibrate", str(notes), str(own), "--json").code == 0
    status = run("status", str(notes), "--json").json["calibrated"]
    assert (status["questions"], "asked" in status) == (20, False)
    rows[0]["question"] = "  how MUCH is the rent in A? "
    rows[1]["question"] = "How high is the rent?"
    mixed = written(tmp_path / "mixed.jsonl", *rows)
    done = run("eval", "ask", str(notes), str(mixed))
    assert "threshold was set on 19 of these 20 questions" in done.err
    assert "this folder's:" in " ".join(done.out.split())
    assert "set on the other half" in done.err
    said = " ".join(done.out.split())
    assert ("The calibration error is no larger than" in said) != ("The calibration error is larger than" in said)


def test_one_question_has_no_interval(notes: Path, tmp_path: Path, run_alone) -> None:
    done = run_alone("eval", "ask", str(notes), str(written(tmp_path / "own.jsonl", CUP)))
    assert done.code == 0
    said = " ".join(done.out.split())
    assert "no interval" in said
    assert "AUROC: right above wrong 0 + 1 too few to say" in said
    assert "No question has an answer" in said
    done = run_alone("eval", "ask", str(notes), str(written(tmp_path / "own.jsonl", RENT)))
    assert "No question is without an answer" in " ".join(done.out.split())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no question"),
        (b"nonsense", "own.jsonl:1 is not JSON"),
        (b'{"question": "q?", "answer": "\xe9"}', "own.jsonl:1 is not UTF-8"),
        (b'{"answer": "x"}', "has no question"),
        (b'{"question": "?!", "answer": "x"}', "own.jsonl:1: the question has no letter"),
        (b'{"question": "q"}', "write null where the documents have none, or name the source"),
        (b'{"question": "q", "answer": 7}', "the answer must be a text, a list of texts, or null"),
        (b'{"question": "q", "answer": []}', "the answer must be a text"),
        (b'{"question": "q", "answer": "The"}', "the answer 'The' has no word to look for"),
        (b'{"question": "q", "quote": "--"}', "the quote '--' has no word to look for"),
        (b'{"question": "q", "answer": null, "source": "a.md"}', "names where it stands"),
        (b'{"question": "q", "answer": "x", "group": [1]}', "the group must be"),
        (b'{"question": "q", "source": 3}', "the source must be a text or a list of texts"),
        (json.dumps({"question": "q", "answer": "x" * 20_001}).encode(), "shorten it"),
        (json.dumps({"question": "q" * 10_001, "answer": "x"}).encode(), "at most 10,000 are read"),
        (json.dumps({"question": "q", "answer": ["x"] * 101}).encode(), "shorten it"),
    ],
)
def test_bad_questions_are_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    own = tmp_path / "own.jsonl"
    own.write_bytes(content + b"\n")
    with pytest.raises(OpenbookError) as raised:
        read_wanted(own)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_bad_files_stop_before_anything_is_indexed(notes: Path, tmp_path: Path, run) -> None:
    own = written(tmp_path / "own.jsonl", RENT)
    for arguments, says in (
        ((str(tmp_path / "none.jsonl"),), "there is no file"),
        ((str(own), "--save", str(own)), "holds no answers kept by eval ask"),
        ((str(own), "--out", str(own)), "is no name for a page"),
    ):
        done = run("eval", "ask", str(notes), *arguments)
        assert (done.code, len(done.err.strip().splitlines())) == (2, 1)
        assert says in done.err
    assert not (tmp_path / "cache").exists()
    assert json.loads(own.read_text(encoding="utf-8")) == RENT


def test_csv_says_the_same(tmp_path: Path) -> None:
    lines = written(tmp_path / "own.jsonl", RENT, {**TREE, "group": "g"}, CUP)
    for delimiter in (",", ";", "\t"):
        table = tmp_path / "own.csv"
        rows = (
            ("question", "answer", "source", "quote", "group"),
            (RENT["question"], "950 euros", "lease.md", "", ""),
            (TREE["question"], "", "garden.txt", "planted in 1987", "g"),
            (CUP["question"], "", "", "", ""),
        )
        table.write_text("\ufeff" + "\r\n".join(delimiter.join(row) for row in rows), encoding="utf-8")
        assert read_wanted(table).wanted == read_wanted(lines).wanted
    table.write_bytes("question,answer\nWhere?,Köln\n".encode("latin-1"))
    with pytest.raises(OpenbookError, match="save the table as UTF-8"):
        read_wanted(table)
    table.write_text('question,answer\n"Where is it?,Here\n', encoding="utf-8")
    with pytest.raises(OpenbookError, match="is no CSV"):
        read_wanted(table)
    table.write_text("frage,antwort\nWo?,Hier\n", encoding="utf-8")
    with pytest.raises(OpenbookError, match="has no column `question`"):
        read_wanted(table)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("question,answer\nWhere is it?,Here\nWho came, and when?,\n", ":3 has more cells .* a comma in double quotes"),
        ("question,answer\nWho came?,Anna, Ben\n", ":2 has more cells"),
        ("question;answer\nWho came?;Anna; Ben\n", "a semicolon in double quotes"),
        ("question,anwser\nWhere is it?,Here\n", "name a column answer, source or quote"),
    ],
)
def test_a_table_that_could_be_read_wrongly_is_refused(tmp_path: Path, content: str, says: str) -> None:
    table = tmp_path / "own.csv"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(OpenbookError, match=says):
        read_wanted(table)


def test_sources_are_named_from_the_folder_or_by_their_end(tmp_path: Path) -> None:
    def uris(name: str) -> tuple[str, ...]:
        given = read_wanted(written(tmp_path / "own.jsonl", {"question": "q?", "source": name}))
        return with_uris(given, ["/n/a.md", "/n/b/a.md", "/n/b/c.md", "https://x.org/p"], [str(tmp_path)])[0].sources

    assert uris("c.md") == uris("./b/c.md") == uris("/n/b/c.md") == ("/n/b/c.md",)
    assert uris("https://x.org/p") == ("https://x.org/p",)
    with pytest.raises(OpenbookError, match=r"own\.jsonl:1: .* 2 documents end in that"):
        uris("a.md")
    with pytest.raises(OpenbookError, match="no document of that name"):
        uris("d.md")


def test_what_is_kept_comes_back_and_strangers_files_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    cited = (Cited("q ü", "/a", "line 1", "ü"),)
    whole = Response(0.5, cited, 0.25, 2, None, Backing(True, (True, False)), (True, False))
    keep(path, "one", "q?", whole)
    keep(path, "two", "q?", Response(0.0, (), 0.1))
    assert kept_in(path) == {"one": whole, "two": Response(0.0, (), 0.1)}
    with path.open("a") as file:
        file.write('{"key": "three", "resp')
    assert set(kept_in(path)) == {"one", "two"}
    keep(path, "three", "q?", whole)
    assert kept_in(path)["three"] == whole
    old = {"confidence": 0.5, "cited": [], "seconds": 1, "file_rank": None, "quote_rank": 1, "backing": None}
    with path.open("a") as file:
        file.write(json.dumps({"key": "old", "response": old}) + "\n")
    assert kept_in(path)["old"] == Response(0.5, (), 1.0, None, 1)  # of before models drafted
    with path.open("a") as file:
        file.write('{"key": "four", "response": {"confidence": 7}}\n')
    with pytest.raises(OpenbookError, match=r"kept\.jsonl:6 is no kept answer"):
        check_kept(path)
    other = tmp_path / "other.jsonl"
    other.write_text('{"question": "mine"}\n')
    with pytest.raises(OpenbookError, match="name another file"):
        check_kept(other)
    with pytest.raises(OpenbookError, match="there is no folder"):
        check_kept(tmp_path / "no" / "such" / "kept.jsonl")


def test_a_question_twice_counts_once(tmp_path: Path) -> None:
    given = read_wanted(written(tmp_path / "own.jsonl", RENT, CUP, RENT))
    assert (len(given.wanted), given.twice) == (2, 1)
    assert given.wanted[1] == Wanted(CUP["question"], False)
