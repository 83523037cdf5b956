"""``openbook eval judge-audit``: what recorded judgements are worth, the main findings first."""

import json
from pathlib import Path

import pytest


def test_a_judges_scores_are_audited(run_alone, tmp_path: Path) -> None:
    rows = [
        json.dumps(
            {"judge": "j", "dimension": "fluency", "doc_id": d, "system": s, "score": s, "human": s + int(d) % 2}
        )
        for d in "012345"
        for s in range(5)
    ]
    path = tmp_path / "scores.jsonl"
    path.write_text("\n".join([*rows, '{"score": null, "human": 3}']), encoding="utf-8")
    done = run_alone("eval", "judge-audit", str(path), "--json").json
    assert (done["rows"], done["unread"]) == (31, 1)
    assert [a["level"] for a in done["agreements"]] == ["all", "in a document", "of systems"]
    shown = run_alone("eval", "judge-audit", str(path))
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


def scores(tmp_path: Path, judges: list[object]) -> Path:
    """Each judge's scores of three dimensions of 36 texts; a later judge agrees less."""
    rows = [
        {"judge": judge, "dimension": dimension, "doc_id": f"d{text // 3}", "system": f"s{text % 3}"}
        | {"score": 1 + (text + (place * text * text) % 4) % 5, "human": 1 + text % 5}
        for place, judge in enumerate(judges)
        for dimension in ("coherence", "fluency", "relevance")
        for text in range(36)
    ]
    path = tmp_path / "scores.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_of_many_judges_the_main_findings_come_first_and_fit_a_screen(run, tmp_path: Path) -> None:
    path = scores(tmp_path, [f"judge-{n}" for n in range(6)])
    lines = run("eval", "judge-audit", str(path)).out.splitlines()
    assert lines[0] == "Main findings: 6 judges, 3 dimensions"
    assert lines.index("Agreement with people") < 24
    assert any("18 above, 0 below, of 18" in line for line in lines[:12])
    assert "Who agrees best with people" in lines
    assert not any(line.startswith("Distance from people") for line in lines)
    assert "longer tables left out: --all shows them; --out FILE.html and --json hold" in "".join(lines[-2:])
    assert max(map(len, lines)) <= 80
    everything = run("eval", "judge-audit", str(path), "--all").out.splitlines()
    assert everything[:10] == lines[:10]
    assert len(everything) > 2 * len(lines)
    assert {"Agreement of judge-5 with people", "Distance from people", "Use of the scale"} <= set(everything)
    assert "left out" not in "".join(everything[-2:])


def test_what_is_short_is_shown_whole(run, tmp_path: Path) -> None:
    out = run("eval", "judge-audit", str(scores(tmp_path, ["one"]))).out
    assert out.startswith("Main findings: one, 3 dimensions\n")
    assert "Agreement of one with people" in out
    assert "Distance from people" in out
    assert "--all" not in out


def test_long_names_stay_apart(run, tmp_path: Path) -> None:
    names = [f"http://127.0.0.1:8080/v1#an-organisation/a-very-long-model-name-{size}b-instruct" for size in (7, 70)]
    path = scores(tmp_path, list(names))
    assert {one["judge"] for one in run("eval", "judge-audit", str(path), "--json").json["agreements"]} == set(names)
    done = run("eval", "judge-audit", str(path), "--all")
    assert max(map(len, done.out.splitlines())) <= 80
    cells = {line.split("  ")[0] for line in done.out.splitlines()}
    assert {"Agreement of …7b-instruct with people", "Agreement of …70b-instruct with people"} <= cells
    assert "…7b-instruct, coherence" in done.out


def test_several_judges_in_a_list_are_one_name_and_no_name_is_said(run, tmp_path: Path) -> None:
    path = scores(tmp_path, [["gpt-4", "claude"], "a"])
    found = run("eval", "judge-audit", str(path), "--json").json
    assert {one["judge"] for one in found["agreements"]} == {"gpt-4, claude", "a"}
    for judge, says in (({"name": "x"}, "judge is no name"), ("x" * 201, "judge has over 200 characters")):
        path.write_text(json.dumps({"judge": judge, "score": 1, "human": 2}) + "\n", encoding="utf-8")
        done = run("eval", "judge-audit", str(path))
        assert (done.code, says in " ".join(done.err.split())) == (2, True)
