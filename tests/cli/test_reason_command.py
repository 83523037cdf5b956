"""``openbook reason`` and ``openbook eval reasoning`` as a stranger types them."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from fake_openai import Reply, piece, serving, spoken

from openbook.cli.kept_reasoned import keep, kept_in, key_of
from openbook.cli.measuring_reasoning import Asked, measure
from openbook.cli.reasoning_rows import BadData, read_examples, read_questions, without_examples
from openbook.cli.show_reasoned import as_data, score_table, vote_table
from openbook.cli.show_reasoning import sections, tables
from openbook.errors import OpenbookError
from openbook.evaluate.reasoning import Given, differences, measured
from openbook.generate.reasoning import How
from openbook.generate.reasoning.by_name import NAMES, Strategy, check_strategy, reasoned
from openbook.generate.reasoning.outcome import Spent
from openbook.generate.reasoning.prompts import Example
from openbook.generate.reasoning.reading import number, yes_or_no
from openbook.generate.reasoning.several import best, voted
from openbook.report.terminal import text
from openbook.values import TRUSTED, Decoding, Part, Prompt, Token

GSM = {"question": "Two and 1,000?", "answer": "2 + 1000 = <<2+1000=1002>>1002\n#### 1,002"}
SHARED = {"question": "Three?", "solution": "It is 3.\n#### 3", "answer": "3"}
SVAMP = {"body": "A has 4.", "question": "How many?", "answer": 4.0}


def written(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


class Knowing:
    """Right when it thinks step by step, wrong at once; counts what it is asked, and fails where told."""

    name = "knowing"

    def __init__(self, *failing: int) -> None:
        self.asked = 0
        self.failing = failing

    def stream(self, prompt: Prompt, decoding: Decoding):
        self.asked += 1
        if self.asked in self.failing:
            raise OpenbookError("the prompt is too long: shorten it")
        thinking = "step by step" in prompt[-1].text
        right = prompt[0].text.split()[-1]
        yield Token(0, f"The answer is {right if thinking else '0'}.", -0.5)


def test_rows_of_all_kinds(tmp_path: Path) -> None:
    rows = read_questions(written(tmp_path / "a.jsonl", [GSM, SHARED, SVAMP]), number)
    assert [(row.question, row.wanted, row.steps) for row in rows] == [
        ("Two and 1,000?", "1002", "2 + 1000 = 1002"),
        ("Three?", "3", "It is 3."),
        ("A has 4. How many?", "4", ""),
    ]
    assert len(read_questions(tmp_path / "a.jsonl", number, 2)) == 2
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress(json.dumps({"question": "Snow?", "answer": False}).encode()))
    assert read_questions(packed, yes_or_no)[0].wanted == "no"
    examples = read_examples(tmp_path / "a.jsonl")
    assert examples[0] == Example("Two and 1,000?", "1,002", "2 + 1000 = 1002")
    assert [row.question for row in without_examples(rows, examples[:2])] == ["A has 4. How many?"]
    with pytest.raises(BadData, match="other examples"):
        without_examples(rows, examples)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"question": "How?"}, "no answer"),
        ({"answer": 3}, "'question'"),
        ({"question": "How?", "answer": "a pear"}, "--reading"),
        ({"question": "x" * 20_001, "answer": 1}, "20,001"),
        ({"question": "How?", "answer": [1]}, "no answer"),
        ({"question": "How?", "answer": "####"}, "--reading"),
    ],
)
def test_bad_rows_are_named(row: dict[str, object], told: str, tmp_path: Path) -> None:
    with pytest.raises(BadData, match=told):
        read_questions(written(tmp_path / "a.jsonl", [row]), number)


def test_every_name_runs_and_is_checked() -> None:
    question: Prompt = (Part("What is 7", TRUSTED, "user"),)
    how = How(Decoding(max_tokens=9, temperature=1.0), examples=(Example("1", "1", "one"),))
    for name in NAMES:
        strategy = Strategy(name, 3 if name in ("self-consistency", "best-of-n") else 1)
        check_strategy(strategy, how)
        assert reasoned(Knowing(), question, strategy, how).spent.calls == strategy.n
    with pytest.raises(OpenbookError, match="temperature above 0"):
        check_strategy(Strategy("best-of-n", 3), replace(how, decoding=Decoding()))
    with pytest.raises(OpenbookError, match="give a file"):
        check_strategy(Strategy("few-shot"), How())
    bare = How(examples=(Example("1", "1"),))
    check_strategy(Strategy("few-shot-answers"), bare)
    with pytest.raises(OpenbookError, match="no steps"):
        check_strategy(Strategy("few-shot"), bare)


QUESTIONS = [f"What is {n}" for n in range(1, 13)]
WANTED = [f"{n}" for n in range(1, 13)]
WAYS = [Asked(Strategy("direct"), How(), "number"), Asked(Strategy("cot"), How(), "number")]


def test_strategies_are_measured_and_tested() -> None:
    found = measure(Knowing(), QUESTIONS, WANTED, WAYS, None, lambda done, total: None)
    assert [one.right.value for one in found.measured] == [0.0, 1.0]
    assert found.differences[0].difference == -1.0
    assert found.differences[0].p < 0.01
    for table in tables(found):
        assert max(map(len, text(table).splitlines())) <= 80
    assert sections(found)[0].contents


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    whole = measure(Knowing(), QUESTIONS, WANTED, WAYS, path, lambda done, total: None)
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join(lines[:8]) + b'\n{"key": "cut o')
    model = Knowing()
    again = measure(model, QUESTIONS, WANTED, WAYS, path, lambda done, total: None)
    assert again.taken == 7
    assert model.asked == 24 - 7
    assert again.measured == whole.measured
    other = [Asked(Strategy("direct"), How(Decoding(max_tokens=7)), "number")]
    assert measure(Knowing(), QUESTIONS, WANTED, other, path, lambda done, total: None).taken == 0


def test_a_question_that_fails_counts_as_wrong_and_many_end_the_run() -> None:
    found = measure(Knowing(3), QUESTIONS, WANTED, WAYS[1:], None, lambda done, total: None)
    assert found.failed == {"cot": 1}
    assert found.measured[0].outcomes.count(False) == 1
    with pytest.raises(OpenbookError, match="too long"):
        measure(Knowing(*range(2, 9)), QUESTIONS, WANTED, WAYS, None, lambda done, total: None)


def test_kept_rows_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    given = Given("4", None, 3, 1)
    keep(path, "k", "How many?", "cot", given, ["so 4"])
    assert kept_in(path) == {"k": given}
    for field, value in (("answer", 4), ("written", -1), ("calls", 0), ("tied", "no")):
        keep(path, "bad", "q", "cot", given, [])
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        rows[-1]["given"][field] = value
        written(path, rows)
        with pytest.raises(OpenbookError, match="no kept answer"):
            kept_in(path)
        written(path, rows[:-1])
    assert key_of("a", 1) != key_of("a", 2)


def test_shares_and_tests_from_known_answers() -> None:
    right, wrong = Given("1", 10, 2, 1), Given(None, 10, 4, 1, tied=True)
    found = measured(["1"] * 10, {"all": [right] * 10, "none": [wrong] * 10, "half": [right, wrong] * 5})
    assert [(one.right.value, one.unread, one.tied) for one in found] == [(1.0, 0, 0), (0.0, 10, 10), (0.5, 5, 5)]
    assert (found[2].prompt, found[2].written) == (10, 3)
    assert len(differences(found)) == 3
    assert all(0 < one.p <= 1 for one in differences(found))
    assert measured(["1"], {"a": [Given("1", None, 1, 1)]})[0].prompt is None


def test_votes_and_scores_are_shown() -> None:
    vote = voted(["it is 4", "5", "4", "5", "?"], number, Spent(None, 9, 5))
    assert "Tied: 4, 5" in text(vote_table(vote))
    assert "(not read)" in text(vote_table(vote))
    scored = best(["4", "?"], [-0.5, -0.1], number, Spent(1, 2, 2))
    assert as_data("m", scored)["scores"] == [-0.5, None]
    assert "-0.500" in text(score_table(scored))
    assert json.dumps(as_data("m", vote))
    assert asdict(vote)["vote"] == {"4": 2, "5": 2}


def test_a_server_is_asked_and_its_tokens_are_counted(run_alone, tmp_path: Path) -> None:
    with serving(spoken("7 and 8. The answer", " is 15."), spoken("So 14"), spoken("#### 15")) as fake:
        done = run_alone("reason", fake.url, "7 + 8?", "--strategy", "self-consistency", "--n", "3")
        assert (done.code, done.err) == (0, "")
        assert "Answer: 15" in done.out
        assert "Tokens: 21 read, 4 written, 3 calls" in done.out
        assert [body["seed"] for body in fake.asked] == [0, 1, 2]
    entries = [{"token": "so 4", "logprob": -0.25, "top_logprobs": []}]
    with serving(Reply([piece("so 4", entries, "stop")])) as fake:
        found = run_alone("reason", fake.url, "2 + 2?", "--strategy", "best-of-n", "--n", "2", "--json").json
        assert (found["answer"], found["scores"], found["steps"]) == ("4", [-0.25, -0.25], ["so 4", "so 4"])
    with serving(spoken("who knows")) as fake:
        done = run_alone("reason", fake.url, "-", "--strategy", "direct", stdin="Why?")
        assert (done.code, "none could be read" in done.out) == (3, True)


def test_strategies_are_compared_on_a_file_and_the_page_is_written(run, tmp_path: Path) -> None:
    rows = written(tmp_path / "a.jsonl", [GSM, SHARED, SVAMP])
    with serving(spoken("It is 3.")) as fake:
        asked = ("eval", "reasoning", fake.url, str(rows), "--strategy", "direct", "--strategy", "cot")
        done = run(*asked, "--save", "kept.jsonl", "--out", "page.html")
        assert done.code == 0, done.err
        assert max(map(len, done.out.splitlines())) <= 80
        assert "0.333" in done.out
        times = len(fake.asked)
        again = run(*asked, "--save", "kept.jsonl", "--json")
        assert again.json["taken"] == 6
        assert len(fake.asked) == times
    assert "<svg" in (tmp_path / "page.html").read_text()


def test_bad_input_is_one_line(run, tmp_path: Path) -> None:
    rows = written(tmp_path / "a.jsonl", [SHARED])
    for arguments in (
        ("reason", "nowhere", "How?"),
        ("reason", "torch:nowhere", "How?", "--strategy", "few-shot"),
        ("reason", "torch:nowhere", "How?", "--strategy", "self-consistency", "--temperature", "0"),
        ("eval", "reasoning", "torch:nowhere", str(rows)),
        ("eval", "reasoning", "torch:nowhere", str(tmp_path / "none.jsonl")),
        ("eval", "reasoning", "torch:nowhere", str(rows), "--save", str(rows)),
        ("eval", "reasoning", "torch:nowhere", str(rows), "--out", "page.pdf"),
        ("eval", "reasoning", "torch:nowhere", str(rows), "--examples", str(rows), "--strategy", "few-shot"),
    ):
        done = run(*arguments)
        assert (done.code, done.out) == (2, ""), arguments
        assert len(done.err.strip().splitlines()) == 1, done.err
