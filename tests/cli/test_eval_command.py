"""``openbook eval text``: the figures of the field's tools, and one clear line for files that do not go together."""

from pathlib import Path

import pytest
import sacrebleu

HYP = ["the cat sat on the mat", "a dog barked", ""]
REF = ["the cat is on the mat", "the dog barked loudly", "nothing"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    for name, lines in (("hyp.txt", HYP), ("ref.txt", REF)):
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(tmp_path / "hyp.txt"), str(tmp_path / "ref.txt")


def test_the_figures_are_the_fields(run, files: tuple[str, str]) -> None:
    done = run("eval", "text", *files, "--json").json
    found = {one["name"]: one for one in done["measures"]}
    assert done["texts"] == 3
    assert found["bleu"]["score"] == pytest.approx(sacrebleu.corpus_bleu(HYP, [REF]).score, abs=1e-9)
    assert found["chrf++"]["score"] == pytest.approx(sacrebleu.corpus_chrf(HYP, [REF], word_order=2).score, abs=1e-9)
    assert found["bleu"]["signature"].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|")
    assert found["bleu"]["interval"]["low"] <= found["bleu"]["score"] <= found["bleu"]["interval"]["high"]
    assert len(found["rougeLsum"]["each"]) == 3


def test_a_table_and_the_worst_texts(run_alone, files: tuple[str, str]) -> None:
    done = run_alone("eval", "text", *files, "-m", "rouge1", "-m", "chrf", "--worst", "1")
    assert done.code == 0
    assert all(len(line) <= 80 for line in done.out.splitlines() if "|" not in line)  # a signature is one line
    assert "line 3" in done.out
    assert "(empty)" in done.out
    assert "bleu" not in done.out


def test_a_signature_is_one_line(run, files: tuple[str, str]) -> None:
    signatures = [(one["name"], one["signature"]) for one in run("eval", "text", *files, "--json").json["measures"]]
    lines = run("eval", "text", *files).out.splitlines()
    assert max(len(signature) for _, signature in signatures) > 74
    assert {f"{name}: {signature}" for name, signature in signatures} <= set(lines)


def test_one_text_has_no_interval(run, files: tuple[str, str]) -> None:
    done = run("eval", "text", "-", files[1], stdin="the cat\n")
    assert (done.code, "lines: 3 in" in done.err) == (2, True)
    Path(files[1]).write_text("the cat sat\n", encoding="utf-8")
    done = run("eval", "text", "-", files[1], stdin="the cat\n")
    assert "there is no interval" in " ".join(done.out.split())


@pytest.mark.parametrize(
    ("change", "arguments", "says"),
    [
        ({}, ("-m", "bleurt"), "there is no measure bleurt"),
        ({}, ("-m", "bleu,chrf"), "give each by an option of its own, -m A -m B"),
        ({"ref.txt": b"one\ntwo\n"}, (), "lines: 2 in"),
        ({"hyp.txt": b""}, (), "has no line"),
        ({"hyp.txt": b"a\n\xff\nb\n"}, (), "is not UTF-8 at line 2"),
        ({"hyp.txt": None}, (), "cannot be read"),
    ],
)
def test_bad_files_are_said_in_one_line(
    run, files: tuple[str, str], change: dict[str, bytes | None], arguments: tuple[str, ...], says: str
) -> None:
    for name, content in change.items():
        path = Path(files[0]).with_name(name)
        path.unlink() if content is None else path.write_bytes(content)
    done = run("eval", "text", *files, *arguments)
    assert done.code == 2
    assert says in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_a_bom_and_windows_line_ends_are_no_characters(run, files: tuple[str, str]) -> None:
    before = run("eval", "text", *files, "--json").json
    Path(files[0]).write_bytes(b"\xef\xbb\xbf" + "\r\n".join(HYP).encode() + b"\r\n")
    assert run("eval", "text", *files, "--json").json == before


def test_all_measures_and_a_page(run, files: tuple[str, str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = run(
        "eval", "text", *files, "-m", "bertscore", "-m", "all", "--idf", "--rescale", "--out", str(page), "--json"
    )
    found = {one["name"]: one for one in done.json["measures"]}
    assert next(iter(found)) == "bertscore"
    assert set(found) >= {"bleu", "rougeLsum", "bertscore-p", "bertscore-r", "similarity"}
    assert "|idf:3 references|" in found["bertscore"]["signature"]
    assert "baseline:no" not in found["bertscore"]["signature"]
    assert found["similarity"]["each"][2] == 0  # an empty text
    assert max(found["similarity"]["each"]) <= 100.001
    shown = page.read_text(encoding="utf-8")
    assert shown.count("<svg") == 2
    assert "the dog barked loudly" in shown


def test_two_systems_differ_only_where_a_test_says_so(run, files: tuple[str, str], tmp_path: Path) -> None:
    number = 40
    texts = {
        "good.txt": [f"the cat number {n} sat on the mat" for n in range(number)],
        "bad.txt": [f"cat {n} mat" for n in range(number)],
        "right.txt": [f"the cat number {n} sat on a mat" for n in range(number)],
    }
    for name, lines in texts.items():
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    good, bad, right = (str(tmp_path / name) for name in texts)
    done = run("eval", "text", good, right, "--against", bad, "--json").json
    for one in done["differences"]:
        assert one["difference"] == pytest.approx(one["scores"][0] - one["scores"][1])
        assert one["interval"]["low"] - 1e-9 <= one["difference"] <= one["interval"]["high"] + 1e-9
        assert one["p_value"] <= one["adjusted"] <= 0.01
    shown = run("eval", "text", good, right, "--against", good)
    assert shown.out.count("neither") == 7
    assert all(len(line) <= 80 for line in shown.out.splitlines() if "|" not in line)
    assert run("eval", "text", good, right, "--against", files[0]).code == 2


def test_a_pipe_and_a_long_line(run, files: tuple[str, str], tmp_path: Path) -> None:
    """What is piped in is read twice where it has to be: for the idf, and for the scores."""
    ref = Path(files[1]).read_text(encoding="utf-8")
    piped = run("eval", "text", files[0], "-", "-m", "bertscore", "--idf", "--json", stdin=ref).json
    assert piped == run("eval", "text", *files, "-m", "bertscore", "--idf", "--json").json
    Path(files[0]).write_text("a\n" + "b" * 1_000_001 + "\nc\n", encoding="utf-8")
    done = run("eval", "text", *files)
    assert (done.code, "line 2 is over" in " ".join(done.err.split())) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--idf",), "add -m bertscore"),
        (("--out", "page.txt"), "html"),
        (("--against", "nowhere.txt"), "nowhere.txt cannot be read"),
        (("--against", "-", "-m", "bleu", "-"), "standard input can stand for one file only"),
    ],
)
def test_options_that_do_not_go_together(run, files: tuple[str, str], arguments: tuple[str, ...], says: str) -> None:
    done = run("eval", "text", *files, *arguments)
    assert (done.code, says in " ".join(done.err.split())) == (2, True), done.err
