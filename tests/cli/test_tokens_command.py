"""``openbook tokens`` as a person types it: what it prints, piped and plain, and how it exits."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from tokenizers import Tokenizer as Library

ROOT = Path(__file__).parent.parent.parent
HANDBOOK = str(ROOT / "handbook")


def fits(text: str) -> bool:
    return max(map(len, text.splitlines()), default=0) <= 80


@pytest.mark.parametrize("kind", ["bpe", "wordpiece"])
def test_train_writes_a_file_that_show_and_the_library_read(run_alone, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "made" / "tokenizer.json"
    done = run_alone("tokens", "train", HANDBOOK, "--kind", kind, "--size", "1000", "--out", str(out))
    assert (done.code, done.err) == (0, "")
    assert "1,000 pieces" in done.out
    assert "16 texts" in done.out
    shown = run_alone("tokens", "show", "the tokenizer", "-t", str(out), "--json").json
    library = Library.from_file(str(out)).encode("the tokenizer", add_special_tokens=False)
    assert [token["id"] for token in shown[0]["tokens"]] == library.ids
    assert [(token["start"], token["end"]) for token in shown[0]["tokens"]] == library.offsets


def test_training_says_what_it_did_as_json(run, notes: Path, tmp_path: Path) -> None:
    out = tmp_path / "t.json"
    done = run("tokens", "train", str(notes), "--size", "5000", "-o", str(out), "--json").json
    assert (done["kind"], done["asked"], done["texts"]) == ("BPE", 5000, 2)
    assert done["size"] < 5000
    assert (
        "no pair is left that occurs twice" in run("tokens", "train", str(notes), "--size", "5000", "-o", str(out)).out
    )


def test_show_puts_both_kinds_side_by_side_without_colour(run) -> None:
    done = run("tokens", "show", "Unhappily, caf\u00e9 \U0001f44d[SEP]<|endoftext|>")
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    assert fits(done.out)
    assert "\u27e8Un\u27e9" in done.out
    assert "##ha" in done.out
    assert "[UNK] a word that cannot be cut" in done.out


def test_show_colours_on_a_terminal(environment: dict[str, str]) -> None:
    leader, follower = pty.openpty()
    plain = {name: value for name, value in environment.items() if name != "NO_COLOR"}
    command = [sys.executable, "-m", "openbook", "tokens", "show", "colour"]
    with subprocess.Popen(
        command, stdout=follower, stderr=follower, env={**plain, "TERM": "xterm-256color"}
    ) as process:
        os.close(follower)
        seen = b""
        while True:
            try:
                block = os.read(leader, 65536)
            except OSError:  # the other end is closed
                break
            if not block:
                break
            seen += block
    os.close(leader)
    assert process.returncode == 0
    assert b"\x1b[30;" in seen
    assert "\u27e8".encode() not in seen


def test_steps_show_every_merge_and_every_match(run) -> None:
    done = run("tokens", "show", "lower unhappily", "--steps")
    assert done.code == 0
    assert fits(done.out)
    assert "merge 1" in done.out
    assert "done" in done.out
    assert "un \u2713  not unhappily, unhappil, unhappi, \u2026 1 more" in done.out
    words = run("tokens", "show", "lower", "--steps", "--json").json[0]["words"]
    assert words[0]["steps"][-1]["rank"] is None
    assert words[0]["steps"][-1]["symbols"] == words[0]["pieces"]


def test_control_tokens_only_where_asked(run, tmp_path: Path) -> None:
    out = str(tmp_path / "t.json")
    run("tokens", "train", HANDBOOK, "--size", "400", "-o", out)
    end = "<|endoftext|>"
    plain, asked = (run("tokens", "show", end, "-t", out, "--json", *more).json for more in ((), ("--special",)))
    assert len(plain[0]["tokens"]) > 1
    assert [token["piece"] for token in asked[0]["tokens"]] == [end]


def test_a_text_may_be_piped_in(run) -> None:
    assert '"text": "caf' not in run("tokens", "show", "-", stdin="caf\u00e9").out
    assert "caf\u00e9" in run("tokens", "show", "-", stdin="caf\u00e9").out


def test_a_text_cannot_drive_the_terminal(run) -> None:
    done = run("tokens", "show", "a\x1b[31mb\u202ec\x07", "--steps")
    assert done.code == 0
    assert not {"\x1b", "\u202e", "\x07"} & set(done.out)


def test_compare_tables_the_handbook(run) -> None:
    done = run("tokens", "compare", HANDBOOK, "--size", "2000")
    assert (done.code, done.err) == (0, "")
    assert fits(done.out)
    for said in ("All texts", "Tokens a word", "Bytes a token", "Lost characters", "01-self-attention.md", "BPE"):
        assert said in done.out
    assert "\x1b" not in done.out


def test_compare_takes_json_lines_and_files(run, tmp_path: Path) -> None:
    rows = [{"text": f"The cat number {n} sat.\n\nIt purred {n} times.", "language": "English"} for n in range(40)]
    rows += [{"text": f"Die Katze {n} sa\u00df.\n\nSie schnurrte {n}-mal.", "language": "German"} for n in range(40)]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    minilm = str(ROOT / "src" / "openbook" / "weights" / "minilm")
    found = run("tokens", "compare", str(path), "--size", "400", "-t", minilm, "--json").json
    assert list(found["tokenizers"]) == ["BPE", "WordPiece", "minilm"]
    for measured in found["tokenizers"].values():
        assert list(measured["groups"]) == ["English", "German"]
        assert measured["all"]["tokens"] == sum(group["tokens"] for group in measured["groups"].values())
    assert found["tokenizers"]["BPE"]["all"]["lost"] == 0
    assert found["learned"] == pytest.approx(found["held"], rel=0.1)


def test_what_is_left_out_is_said(run, notes: Path) -> None:
    (notes / "picture.bin").write_bytes(bytes(range(32)) * 50)
    done = run("tokens", "compare", str(notes), "--size", "400")
    assert done.code == 0
    assert "picture.bin" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", ""), "the text is empty"),
        (("show", "x" * 100_001), "more than the 100,000"),
        (("show", "x" * 2_001, "--steps"), "2,000 characters at most"),
        (("show", "x", "-t", "/nowhere.json"), "cannot be read"),
        (("show", "x", "-t", "{notes}/lease.md"), "no tokenizer file"),
        (("show", "x", "-t", "{notes}"), "holds no tokenizer.json"),
        (("show", "x", "--steps", "--special"), "leave --special out"),
        (("train", "{notes}", "--size", "100", "-o", "t.json"), "cannot be made"),
        (("train", "{notes}", "--kind", "wordpiece", "--size", "20", "-o", "t.json"), "or more"),
        (("train", "{notes}", "--cased", "-o", "t.json"), "--cased is for WordPiece"),
        (("train", "{notes}", "-o", "{notes}"), "is a folder"),
        (("train", "/nowhere/at/all", "-o", "t.json"), "there is no file or folder"),
        (("train", "{notes}", "-o", "/proc/nothing/t.json"), "cannot write"),
        (("compare", "{notes}", "-t", "{notes}/garden.txt"), "no tokenizer file"),
        (("compare", "{empty}"), "there is no readable document"),
        (("compare", "{blank}"), "too little text"),
    ],
)
def test_bad_input_is_one_line(run, notes: Path, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    empty, blank = tmp_path / "empty", tmp_path / "blank.jsonl"
    empty.mkdir()
    blank.write_text('{"text": " "}\n', encoding="utf-8")
    done = run("tokens", *(argument.format(notes=notes, empty=empty, blank=blank) for argument in arguments))
    assert done.code == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert not (tmp_path / "t.json").exists()


def test_the_command_starts_without_torch() -> None:
    code = "import sys, openbook.cli.tokens_input, openbook.cli.show_tokens\nprint('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"


def test_a_document_is_not_replaced_by_a_tokenizer(run, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("one two three " * 50, encoding="utf-8")
    done = run("tokens", "train", str(text), "--out", str(text), "--size", "270")
    assert (done.code, "is no tokenizer" in " ".join(done.err.split())) == (2, True)
    assert text.read_text(encoding="utf-8") == "one two three " * 50
    out = tmp_path / "tokenizer.json"
    for _ in range(2):  # a tokenizer may be replaced
        assert run("tokens", "train", str(text), "--out", str(out), "--size", "270").code == 0
