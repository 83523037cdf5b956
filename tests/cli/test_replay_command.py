"""A saved answer is computed anew: what differs is named, and what was falsified is not approved."""

from pathlib import Path

RENT = "How much is the rent?"


def test_a_saved_answer_replays(run_alone, notes: Path, tmp_path: Path) -> None:
    saved = tmp_path / "answer.json"
    saved.write_text(run_alone("ask", RENT, str(notes), "--json").out, encoding="utf-8")
    done = run_alone("replay", str(saved))
    assert (done.code, "every stage is the same" in done.out) == (0, True)
    (notes / "more.txt").write_text("The rent of the garage is 40 euros.", encoding="utf-8")
    run_alone("index", str(notes))
    done = run_alone("replay", str(saved), "--json")
    assert (done.code, done.json["first"]) == (1, "lexical")


def test_a_falsified_answer_is_not_approved(run, notes: Path, tmp_path: Path) -> None:
    saved = tmp_path / "answer.json"
    saved.write_text(run("ask", RENT, str(notes), "--json").out.replace("950 euros", "95 euros"), encoding="utf-8")
    done = run("replay", str(saved))
    assert done.code == 1
    assert "the first stage that differs: answer" in done.out


def test_a_saved_answer_may_be_piped_in(run, notes: Path) -> None:
    saved = run("ask", RENT, str(notes), "--json").out
    assert "every stage is the same" in run("replay", "-", stdin=saved).out


def test_a_quote_that_is_gone_is_said_first(run, notes: Path) -> None:
    run("index", str(notes))
    (notes / "lease.md").unlink()
    done = run("ask", RENT, str(notes))
    assert done.code == 1
    assert "lease.md any more: the file is gone" in " ".join(done.out.split()[:20])
    assert run("ask", RENT, str(notes), "--json").json["audit"][0]["verdict"] == "missing"
    assert run("ask", RENT, str(notes), "--json").code == 1
    assert run("ask", RENT, str(notes), "--update").code == 3


def test_a_saved_answer_is_not_bound_to_a_folder(run, notes: Path, tmp_path: Path) -> None:
    saved = run("ask", RENT, str(notes), "--index", "mine.sqlite", "--json").out
    assert run("replay", "-", stdin=saved, cwd=notes).code == 0


def test_a_replay_says_that_the_file_changed_since(run, notes: Path) -> None:
    saved = run("ask", RENT, str(notes), "--json").out
    lease = notes / "lease.md"
    lease.write_text(lease.read_text(encoding="utf-8").replace("950", "999"), encoding="utf-8")
    done = run("replay", "-", stdin=saved)
    assert (done.code, "lease.md changed since it was indexed" in " ".join(done.out.split())) == (0, True)
