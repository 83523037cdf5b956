"""``openbook eval text``: the figures of the field's tools, and one clear line for files that do not go together."""

import json
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


def test_a_table_and_the_worst_texts(run, files: tuple[str, str]) -> None:
    done = run("eval", "text", *files, "-m", "rouge1", "-m", "chrf", "--worst", "1")
    assert done.code == 0
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert "line 3" in done.out
    assert "(empty)" in done.out
    assert "bleu" not in done.out


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


def test_a_judges_scores_are_audited(run, tmp_path: Path) -> None:
    rows = [
        json.dumps(
            {"judge": "j", "dimension": "fluency", "doc_id": d, "system": s, "score": s, "human": s + int(d) % 2}
        )
        for d in "012345"
        for s in range(5)
    ]
    path = tmp_path / "scores.jsonl"
    path.write_text("\n".join([*rows, '{"score": null, "human": 3}']), encoding="utf-8")
    done = run("eval", "judge-audit", str(path), "--json").json
    assert (done["rows"], done["unread"]) == (31, 1)
    assert [a["level"] for a in done["agreements"]] == ["all", "in a document", "of systems"]
    shown = run("eval", "judge-audit", str(path))
    assert "Agreement of j with people" in shown.out
    assert all(len(line) <= 80 for line in shown.out.splitlines())


def test_verdicts_on_pairs_are_audited(run, tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"choice": 1, "choice_swapped": 2, "human_choice": 1}\n' * 10, encoding="utf-8")
    done = run("eval", "judge-audit", str(path))
    assert "0.0%" in done.out
    assert "100.0%" in done.out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"a": 1}', "no recorded judgement"),
        ("[1]", "not a JSON object"),
        ('{"score": "x", "human": 1}', "score is no number of ordinary size"),
        ('{"score": NaN, "human": 1}', "score is no number of ordinary size"),
        ('{"choice": 3, "choice_swapped": 1}', "choice is not 1, 2 or 0"),
        ('{"score": null, "human": 1}', "no judgement that can be read"),
        ("", "no judgement that can be read"),
    ],
)
def test_no_judgements_are_said_in_one_line(run, tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    done = run("eval", "judge-audit", str(path))
    assert (done.code, says in " ".join(done.err.split())) == (2, True)


def test_half_a_character_is_still_json(run, tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text('{"score": 1, "human": 2, "judge": "x\\ud800"}\n' * 4, encoding="utf-8")
    assert run("eval", "judge-audit", str(path), "--json").json["agreements"][0]["judge"]


def test_huge_scores_are_refused(run, tmp_path: Path) -> None:
    path = tmp_path / "huge.jsonl"
    path.write_text('{"score": 1e308, "human": 2}\n', encoding="utf-8")
    done = run("eval", "judge-audit", str(path))
    assert (done.code, "ordinary size" in " ".join(done.err.split())) == (2, True)


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
    assert all(len(line) <= 80 for line in shown.out.splitlines())
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


def judgements(tmp_path: Path) -> Path:
    """Two judges of twelve documents, with texts, single people's scores and a constant answer."""
    rows: list[dict] = []
    for document in range(12):
        for system in range(4):
            each = [1 + (system + document) % 4, 1 + (system + document + system % 2) % 4]
            text = "word " * (3 + system * document % 7)
            for judge, shift in (("close", document % 2), ("far", 3 * system + document)):
                score = 1 + (each[0] - 1 + shift) % 5
                rows.append(
                    {"judge": judge, "doc_id": f"d{document}", "system": f"s{system}", "score": score}
                    | {"human_each": each, "candidate": text}
                )
        rows.append({"judge": "close", "doc_id": f"d{document}", "null": True, "score": 4})
    path = tmp_path / "all.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_all_that_rows_allow_is_measured_and_written_as_a_page(run, tmp_path: Path) -> None:
    path, page = judgements(tmp_path), tmp_path / "audit.html"
    done = run("eval", "judge-audit", str(path), "--scale", "1..5", "--json", "--out", str(page)).json
    for part in ("judge_pairs", "ceilings", "calibrations", "length_biases", "nulls", "scale_uses", "disagreements"):
        assert done[part], part
    assert {one["n"] for one in done["agreements"] if one["level"] == "all"} == {48}  # constant answers left out
    assert done["nulls"][0]["n"] == 12
    assert done["scale_uses"][0]["steps"] == [1, 2, 3, 4, 5]
    written = page.read_text(encoding="utf-8")
    assert written.count("<svg") == 3
    assert "Largest disagreements" in written
    shown = run("eval", "judge-audit", str(path))
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    assert "Judge and one person" in shown.out


def test_pairs_with_texts_and_a_constant_side(run, tmp_path: Path) -> None:
    rows = [
        {"judge": judge, "doc_id": f"d{n}", "system_1": "a", "system_2": "null" if n == 5 else "b", "choice": 1}
        | {"choice_swapped": 1 + (n + place) % 2, "human_choice": n % 3, "first": "a b", "second": "a b c"}
        for n in range(12)
        for place, judge in enumerate(("j", "k"))
    ]
    path, page = tmp_path / "pairs.jsonl", tmp_path / "pairs.html"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = run("eval", "judge-audit", str(path), "--json", "--out", str(page)).json
    assert [one["n"] for one in done["longer"]] == [11, 11]
    assert [one["n"] for one in done["nulls"]] == [1, 1]
    assert done["verdict_judges"][0]["n"] == 11
    assert "Verdicts that turn with the order" in page.read_text(encoding="utf-8")


def test_a_single_score_is_said_to_have_no_interval(run, tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text('{"score": 4, "human": 3, "doc_id": "a"}\n', encoding="utf-8")
    done = run("eval", "judge-audit", str(path), "--out", str(tmp_path / "one.html"))
    assert done.code == 0
    assert "one text shows neither agreement nor an interval" in " ".join(done.out.split())


@pytest.mark.parametrize(
    ("row", "scale", "says"),
    [
        ({"score": 7, "human": 3}, "1..5", "score 7 lies outside of --scale 1..5"),
        ({"score": 3, "human": 0}, "1..5", "human 0 lies outside"),
        ({"score": 3, "human_each": [9]}, "1..5", "human_each 9 lies outside"),
        ({"score": 3, "human": 3}, "5..1", "is no scale"),
        ({"score": 3, "human": 3}, "nan..5", "is no scale"),
        ({"score": 3, "human": 3}, "1-5", "is no scale"),
        ({"score": 3, "human_each": "3 4"}, None, "human_each is no list"),
        ({"score": 3, "human_each": [1] * 51}, None, "human_each is no list"),
        ({"score": 3, "human": 3, "length": "long"}, None, "length is no number"),
        ({"choice": 1, "choice_swapped": 1, "null": 3}, None, "null is not 1 or 2"),
        ({"score": 3, "null": True}, None, "no judgement that can be read"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_line(run, tmp_path: Path, row: dict, scale: str | None, says: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    done = run("eval", "judge-audit", str(path), *(("--scale", scale) if scale else ()))
    assert (done.code, says in " ".join(done.err.split())) == (2, True)
    assert "Traceback" not in done.err
