"""``openbook eval position`` as a stranger types it, and with made models whose dependence on position is known."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from openbook.cli.main import app
from openbook.errors import OpenbookError
from openbook.values import Decoding, Prompt, Token


@pytest.fixture
def needles(tmp_path: Path) -> Path:
    path = tmp_path / "runs.jsonl"
    rows = [
        {"context_length": length, "depth_percent": depth, "score": 10 if depth in (0, 100) else 1}
        for length in range(1000, 16000, 1000)
        for depth in (0, 25, 50, 75, 100)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_recorded_runs_become_tables_a_test_and_a_page(run_alone, needles: Path, tmp_path: Path) -> None:
    done = run_alone("eval", "position", "--recorded", str(needles), "--out", str(tmp_path / "page.html"))
    assert done.code == 0, done.err
    assert "ost in the middle: both ends" in " ".join(done.out.split())
    assert max(map(len, done.out.splitlines())) <= 80
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert "Position and length" in page


def test_json_has_curves_shape_and_rows(run, needles: Path) -> None:
    found = run("eval", "position", "--recorded", str(needles), "--json").json
    assert found["shape"]["verdict"] == "U"
    assert [point["right"]["value"] for point in found["depths"]] == [1, 0, 0, 0, 1]
    assert (len(found["rows"]), len(found["lengths"])) == (75, 15)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "say what to probe"),
        (("--reader", "--model", "x"), "name --model SPEC or --reader, and the other in a run of its own"),
        (("--recorded", "none.jsonl"), "check the spelling"),
        (("--recorded", "runs.jsonl", "--reader"), "leave --model"),
        (("--recorded", "-"), "from a file"),
        (("--recorded", "bad.jsonl"), "bad.jsonl:1 is no recorded probe"),
        (("--recorded", "two.jsonl"), "several kinds"),
        (("--recorded", "empty.jsonl"), "holds no recorded probe"),
        (("--reader", "--lengths", "many"), "write it as 500,1000"),
        (("--reader", "--lengths", "1"), "must lie between 2 and"),
        (("--reader", "--lengths", "99999999"), "must lie between 2 and"),
        (("--reader", "--documents", "nowhere"), "no folder nowhere"),
        (("--reader", "--documents", "blank"), "holds no text"),
        (("--reader", "--question-twice"), "leave --question-twice"),
        (("--reader", "--probe", "qa", "--documents", "bad.jsonl"), "needs question, context and answers"),
        (("--reader", "--out", "page.txt"), "FILE.html"),
        (("--reader", "--depths", "101", "--items", "144", "--lengths", "10,20,30,40,50,60,70,80"), "can be asked"),
    ],
)
def test_bad_input_is_one_line(run, needles: Path, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    (tmp_path / "bad.jsonl").write_text('{"a": 1}\n', encoding="utf-8")
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    (tmp_path / "blank").mkdir()
    (tmp_path / "blank" / "a.txt").write_text(" ", encoding="utf-8")
    two = [{"kind": kind, "length": 5, "depth": 0, "right": 1} for kind in ("kv", "qa")]
    (tmp_path / "two.jsonl").write_text("\n".join(map(json.dumps, two)), encoding="utf-8")
    done = run("eval", "position", *arguments)
    assert (done.code, says in " ".join(done.err.split())) == (2, True), done.err


class Scripted:
    """Finds a pair unless it stands in the middle of the object."""

    name = "scripted"

    def __init__(self, say: Callable[[list[str], int], str]) -> None:
        self.say, self.asked = say, 0

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
        self.asked += 1
        (context,) = [part.text for part in prompt if part.role == "document"]
        pairs = json.loads(context)
        place = next(n for n, key in enumerate(pairs) if key in prompt[-1].text)
        yield Token(-1, self.say(list(pairs.values()), place))


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch):
    """The command in this process, with a made model behind --model."""

    def go(model: Scripted, *arguments: str):
        opened = SimpleNamespace(open_model=lambda spec: model)
        monkeypatch.setitem(sys.modules, "openbook.generate.open", opened)
        asked = ["eval", "position", "--model", "made", "--probe", "kv", "--lengths", "8,16", "--items", "12"]
        return CliRunner().invoke(app, [*asked, *arguments], catch_exceptions=False)

    return go


@pytest.mark.parametrize(
    ("say", "verdict"),
    [
        (lambda values, place: values[place] if place in (0, len(values) - 1) else values[0], "U"),
        (lambda values, place: values[place], "none shown"),
        (lambda values, place: "", "none shown"),
    ],
)
def test_the_probe_finds_what_a_model_does(probed, say, verdict: str) -> None:
    done = probed(Scripted(say), "--json")
    found = json.loads(done.stdout)
    assert found["shape"]["verdict"] == verdict
    assert len(found["rows"]) == 12 * 2 * 5


def test_an_interrupted_run_goes_on_from_its_rows(probed, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    model = Scripted(lambda values, place: values[place] if place else "no")
    whole = json.loads(probed(model, "--json", "--save", str(path)).stdout)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:51]) + lines[51][:20])
    model.asked = 0
    assert json.loads(probed(model, "--json", "--save", str(path)).stdout) == whole
    assert model.asked == 120 - 50
    assert len(path.read_bytes().splitlines()) == 121
    again = CliRunner().invoke(app, ["eval", "position", "--recorded", str(path), "--json"])
    assert json.loads(again.stdout)["rows"] == whole["rows"]


@pytest.mark.parametrize("content", ["mine\n", "mine", '{"dear": "diary"}\n', " \n", '{"length": 1, "depth": 0}\n'])
def test_a_file_of_someone_else_is_left_alone(probed, tmp_path: Path, content: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(content, encoding="utf-8")
    model = Scripted(lambda values, place: "")
    with pytest.raises(OpenbookError, match=r"is there and holds no saved run, but .*name another file with --save"):
        probed(model, "--save", str(path))
    assert (model.asked, path.read_text(encoding="utf-8")) == (0, content)


def test_rows_of_another_run_are_left_alone_and_it_is_said_of_which(probed, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    model = Scripted(lambda values, place: "")
    probed(model, "--save", str(path))
    kept = path.read_bytes()
    for change, says in (
        (("--seed", "1"), "the rows of scripted, kv of 8, 16, 5 depths, 12 items, seed 0; now asked: scripted, kv of"),
        (("--question-twice",), "5 depths, 12 items, seed 0, the question twice: name"),
    ):
        with pytest.raises(OpenbookError, match=r"^[^\n]*: name another file with --save$") as caught:
            probed(model, "--save", str(path), *change)
        assert says in str(caught.value)
        assert path.read_bytes() == kept
    head = json.loads(kept.splitlines()[0]) | {"run": "0"}
    path.write_text(json.dumps(head) + "\n", encoding="utf-8")
    with pytest.raises(OpenbookError, match="holds the rows of this run over other texts, or by other weights"):
        probed(model, "--save", str(path))


def test_a_run_saved_by_an_earlier_openbook_goes_on(probed, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    model = Scripted(lambda values, place: "")
    probed(model, "--save", str(path))
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([json.dumps({"run": json.loads(head)["run"]}), *rows]) + "\n", encoding="utf-8")
    model.asked = 0
    probed(model, "--save", str(path))
    assert model.asked == 0


def test_rows_of_right_and_wrong_are_not_called_grades(run, needles: Path, tmp_path: Path) -> None:
    rows = [{"length": 100, "depth": depth / 4, "right": depth % 2} for depth in range(5)]
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(map(json.dumps, [*rows, rows[0] | {"right": None}])), encoding="utf-8")
    note = run("eval", "position", "--recorded", str(path), "--json").json["note"]
    assert note == "5 recorded probes. Left out, for want of a result: 1."
    note = run("eval", "position", "--recorded", str(needles), "--json").json["note"]
    assert note == "75 recorded probes. A grade from 1 to 10 counts as right from 7."


def test_the_reader_on_ones_own_folder(run, notes: Path) -> None:
    asked = ("eval", "position", "--reader", "--documents", str(notes), "--items", "3", "--lengths", "60")
    found = run(*asked, "--depths", "3", "--json").json
    assert (found["unit"], len(found["rows"])) == ("tokens", 9)
    assert found["name"] == "the shipped reader, all at once"


def test_questions_from_a_file(run, tmp_path: Path) -> None:
    lines = [
        {"question": f"Who wrote book {n}?", "context": f"Book {n} was written by {name} in 19{n:02}.", "title": str(n),
         "answers": [{"text": name, "start": 0}]}
        for n, name in enumerate("Anna Bert Clara Dora Emil Fritz".split(), start=10)
    ]  # fmt: skip
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    asked = ("--reader", "--probe", "qa", "--documents", str(path), "--lengths", "3,4", "--depths", "3", "--json")
    found = run("eval", "position", *asked).json
    assert len(found["rows"]) == 6 * 2 * 3
    assert found["shape"]["verdict"] == "none shown"
    by_item = {row["item"]: set() for row in found["rows"]}
    for row in found["rows"]:
        by_item[row["item"]].add((row["length"], row["right"]))
    assert all(len(rights) == 2 for rights in by_item.values())
