"""``openbook eval ask --model``: what a served model drafts is measured, kept by its name, and stopped without loss."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_openai import Reply, fault, piece, serving, spoken

RENT = {"question": "How much is the rent?", "answer": "950 euros", "source": "lease.md"}
NOTICE = {"question": "What is the notice period?", "answer": "three months", "source": "lease.md"}
TREE = {"question": "When was the pear tree planted?", "answer": "1987", "source": "garden.txt"}
CUP = {"question": "Who won the football World Cup in 2018?", "answer": None}

DRAFTS = (
    spoken("The rent is 950 euros a month [1]. ", "The landlord is called Ming."),
    spoken("Either party may end the lease with a notice period of three months."),
    spoken("The pear tree was planted by Ming."),
    spoken("The passages do not say."),
)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in (RENT, NOTICE, TREE, CUP)), encoding="utf-8")
    return path


def test_drafts_are_measured_and_kept_by_who_wrote_them(notes: Path, tmp_path: Path, own: Path, run) -> None:
    kept, page = tmp_path / "kept.jsonl", tmp_path / "page.html"
    plain = run("eval", "ask", str(notes), str(own), "--save", str(kept), "--json")
    assert (plain.json["writer"], plain.json["drafts"]) == ("", [])
    with serving(*DRAFTS) as fake:
        command = ["eval", "ask", str(notes), str(own), "--model", fake.url, "--save", str(kept)]
        command += ["--threshold", "0.1"]
        done = run(*command, "--json")
        assert (done.code, "were kept" in done.err) == (0, False)  # those were no model's
        assert len(fake.asked) == 4
        assert "How much is the rent?" in fake.asked[0]["messages"][-1]["content"]
        found = done.json
        assert found["writer"].startswith(f"{fake.url}#tiny")
        drafts = {one["name"]: one for one in found["drafts"]}
        sentences = drafts["drafted sentences that a passage backs"]
        assert (sentences["value"], sentences["n"]) == (0.5, 4)
        assert sentences["interval"]["low"] < 0.5 < sentences["interval"]["high"]
        assert drafts["drafts that are backed whole"]["value"] == pytest.approx(1 / 3)
        assert found["words"] == []
        right = {one["name"]: one["value"] for one in found["now"]["measures"]}
        assert right["of those answered, right"] == 1.0  # of the third, the documents' own sentence
        again = run(*command, "--out", str(page))
        assert len(fake.asked) == 4
    assert "4 of 4 answers were kept" in again.err
    said = " ".join(again.out.split())
    assert "What the model drafted" in said
    assert "drafted sentences that a passage backs 4 50%" in said
    assert "the first sentence of the draft that a passage backs" in said
    assert all(len(line) <= 80 for line in again.out.splitlines())
    assert "drafted sentences that a passage backs" in page.read_text(encoding="utf-8")


def test_a_context_that_is_too_small_gets_fewer_passages(notes: Path, tmp_path: Path, own: Path, run) -> None:
    own.write_text(json.dumps(RENT) + "\n", encoding="utf-8")
    refusal = fault(400, "This model's maximum context length is 512 tokens. However, you requested 700 tokens")
    with serving(refusal, spoken("The rent is 950 euros a month [1].")) as fake:
        done = run("eval", "ask", str(notes), str(own), "--model", fake.url, "--json")
        shown = [body["messages"][-1]["content"].count("</document") for body in fake.asked]
        assert shown[1] == shown[0] - 1
    assert {one["name"]: one["value"] for one in done.json["drafts"]}["drafts that are backed whole"] == 1.0
    with serving(refusal) as fake:
        done = run("ask", RENT["question"], str(notes), "--model", fake.url)
    assert (done.code, len(done.err.strip().splitlines())) == (2, 1)
    assert "even with one passage" in done.err
    assert "take a model with a larger context" in done.err


def test_a_model_that_fails_or_an_interrupt_says_what_is_kept(
    notes: Path, tmp_path: Path, own: Path, environment: dict[str, str], run
) -> None:
    kept = tmp_path / "kept.jsonl"
    with serving(DRAFTS[0], fault(401, "no")) as fake:
        done = run("eval", "ask", str(notes), str(own), "--model", fake.url, "--save", str(kept))
    lines = done.err.strip().splitlines()
    assert (done.code, len(lines)) == (2, 2)
    assert lines[0] == f"stopped: 1 of 4 answers kept in {kept}, the same command goes on from there"
    assert "wants a key" in lines[1]
    hangs = Reply([piece("The"), 60.0])
    for save, says in (
        (("--save", str(kept)), f"stopped: 1 of 4 answers kept in {kept}, the same command goes on from there"),
        ((), "stopped after 1 of 4 answers, and none is kept without --save FILE.jsonl"),
    ):
        kept.unlink(missing_ok=True)
        with serving(DRAFTS[0], hangs) as fake:
            process = subprocess.Popen(
                [sys.executable, "-m", "openbook", "eval", "ask", str(notes), str(own), "--model", fake.url, *save],
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )
            ends = time.monotonic() + 60
            while len(fake.asked) < 2 and time.monotonic() < ends:
                time.sleep(0.05)
            os.kill(process.pid, signal.SIGINT)
            error = process.communicate(timeout=60)[1]
        assert process.returncode == 130
        assert error.strip().splitlines()[-1] == says


def test_an_address_that_is_none_stops_before_anything_is_indexed(notes: Path, tmp_path: Path, own: Path, run) -> None:
    done = run("eval", "ask", str(notes), str(own), "--model", "gpt-4")
    assert (done.code, len(done.err.strip().splitlines())) == (2, 1)
    assert "names no model" in done.err
    assert not (tmp_path / "cache").exists()
