"""How ``openbook ask`` and ``search`` show what they found, what they say of files, and how they exit."""

import shutil
import subprocess
from pathlib import Path

import pytest

RENT = "How much is the rent?"


def test_an_answer_is_quoted_with_its_place(run_alone, notes: Path) -> None:
    done = run_alone("ask", RENT, str(notes))
    assert done.code == 0
    assert "The rent is 950 euros a month, due on the third working day. [1]" in done.out
    assert "notes/lease.md:5" in done.out
    assert "every quote found again" in done.out
    assert "    «The rent is [950 euros a month], due on the third working day.»" in done.out.splitlines()
    assert max(map(len, done.out.splitlines())) <= 80
    assert "\x1b" not in done.out


def test_what_is_not_there_is_said(run, notes: Path) -> None:
    done = run("ask", "Who painted The Night Watch?", str(notes))
    assert done.code == 3
    assert "Not in these documents." in done.out


@pytest.mark.skipif(shutil.which("make") is None, reason="this system has no make")
def test_a_question_that_looks_like_an_option_is_one(run, notes: Path) -> None:
    makefile = Path(__file__).parents[2] / "Makefile"
    command = ["make", "-n", "-f", str(makefile), "ask", "Q=-k"]
    recipe = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    assert 'openbook ask -- "$Q" "handbook"' in recipe
    assert run("ask", "--", "-k", str(notes)).code == 3


def test_json_holds_everything(run, notes: Path) -> None:
    answer = run("ask", RENT, str(notes), "--json").json
    citation = answer["sentences"][0]["citations"][0]
    text = (notes / "lease.md").read_text(encoding="utf-8")
    assert text[citation["span"]["start"] : citation["span"]["end"]] == citation["quote"]
    assert answer["audit"] == [{"verdict": "found", "reason": ""}] * len(answer["audit"])
    assert {stage["name"] for stage in answer["trace"]["stages"]} >= {"embed", "lexical", "dense", "read", "choose"}


@pytest.mark.parametrize(
    ("switches", "signals"),
    [((), {"relevance", "rank"}), (("--no-rerank",), {"relevance"}), (("--no-read",), set())],
)
def test_stages_can_be_switched_off(run, notes: Path, switches: tuple[str, ...], signals: set[str]) -> None:
    answer = run("ask", RENT, str(notes), "--json", *switches).json
    assert set(answer["passages"][0]["signals"]) & {"relevance", "rank"} == signals
    assert "950 euros" in answer["sentences"][0]["text"]


def test_a_question_may_be_piped_in(run, notes: Path) -> None:
    assert "950 euros" in run("ask", "-", str(notes), stdin=RENT).out


def test_this_folder_is_the_default(run, notes: Path) -> None:
    assert "950 euros" in run("ask", RENT, cwd=notes).out


def test_a_single_file_is_a_source(run, notes: Path) -> None:
    assert run("ask", "When was the pear tree planted?", str(notes / "garden.txt")).code == 0
    assert run("ask", RENT, str(notes / "garden.txt")).code == 3


def test_search_shows_each_stage(run_alone, notes: Path) -> None:
    done = run_alone("search", "pear tree", str(notes))
    assert done.code == 0
    assert "garden.txt:1" in done.out
    best = run_alone("search", "pear tree", str(notes), "--json").json["passages"][0]
    assert set(best["signals"]) == {"bm25", "dense", "fused"}


def test_a_stale_file_is_said_and_update_takes_it_up(run, notes: Path) -> None:
    run("ask", RENT, str(notes))
    path = notes / "lease.md"
    path.write_text(path.read_text(encoding="utf-8").replace("950", "990"), encoding="utf-8")
    done = run("ask", RENT, str(notes))
    assert "lease.md changed after it was indexed" in done.out
    assert "lease.md changed after it was indexed" in run("search", "rent", str(notes)).out
    assert [Path(uri).name for uri in run("search", "rent", str(notes), "--json").json["stale"]] == ["lease.md"]
    assert "990 euros" in run("ask", RENT, str(notes), "--update").out
    path.unlink()
    assert "lease.md is gone since it was indexed: ask again with --update" in run("ask", RENT, str(notes)).out


def test_an_index_that_lacks_files_is_mentioned_with_an_answer(run, notes: Path) -> None:
    assert "--update" not in run("ask", RENT, str(notes)).err
    (notes / "blank.md").write_text("\n", encoding="utf-8")
    assert "--update" not in run("ask", RENT, str(notes)).err  # it is no document
    for number in range(3):
        (notes / f"later{number}.txt").write_text(f"The cat is called Ming {number}.", encoding="utf-8")
    done = run("ask", RENT, str(notes))
    assert done.code == 0
    assert "2 of 5 files are indexed: ask again with --update" in done.err or "2 of 6 files are indexed" in done.err
    assert "--update" in run("search", RENT, str(notes)).err


def test_a_new_file_is_mentioned_where_there_is_no_answer(run, notes: Path) -> None:
    run("index", str(notes))
    (notes / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
    done = run("ask", "What is the cat called?", str(notes))
    assert done.code == 3
    assert "--update" in done.err
    assert "Ming" in run("ask", "What is the cat called?", str(notes), "--update").out


def test_a_source_that_the_index_lacks_is_taken_up(run, notes: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
    index = str(tmp_path / "mine.sqlite")
    run("index", str(notes), "--index", index)
    assert "Ming" in run("ask", "What is the cat called?", str(other), "--index", index).out
    assert "950 euros" in run("ask", RENT, "--index", index).out


def test_named_sources_limit_the_answer(run, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
    run("index", str(notes), "other", "--index", "both.sqlite")
    assert run("ask", RENT, "other", "--index", "both.sqlite").code == 3
    assert "lease" not in run("search", RENT, "other", "--index", "both.sqlite").out
    assert "2 of the documents are of other sources" in run("status", "other", "--index", "both.sqlite").out
    saved = run("ask", RENT, str(notes), "--index", "both.sqlite", "--json").out
    assert run("replay", "-", stdin=saved).code == 0
