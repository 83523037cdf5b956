"""The lab of intermediate steps: texts are true, splits hold, models learn, and the outcome says what it shows."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.generate.reasoning import How, chain_of_thought, direct, self_consistency
from openbook.generate.reasoning.reading import number
from openbook.generate.render import Rendering
from openbook.labs.chain_of_thought import report
from openbook.labs.chain_of_thought.advice import advice
from openbook.labs.chain_of_thought.experiment import Plan, run
from openbook.labs.chain_of_thought.fit import Fitting, fitted
from openbook.labs.chain_of_thought.greedy import greedy
from openbook.labs.chain_of_thought.outcome import Outcome, against_steps, by_steps, vote_against_best
from openbook.labs.chain_of_thought.plots import plots
from openbook.labs.chain_of_thought.tables import tables
from openbook.labs.chain_of_thought.task import NAMES, TEST, TRAINING, VALIDATION, Problem, different, drawn
from openbook.labs.chain_of_thought.ways import (
    BEST,
    DIRECT,
    FEW_ANSWERS,
    FEW_WORKED,
    STEPS,
    VOTE,
    Tried,
    Way,
    engine,
    longest,
    tried,
)
from openbook.labs.chain_of_thought.words import END, WORDING, shape, text, tokenizer
from openbook.report.terminal import text as on_terminal
from openbook.values import TRUSTED, Decoding, Part

SMALL = Fitting(width=16, layers=1, heads=2, steps=3, tokens=3_000, batch=300)


def by_hand(question: str) -> int:
    """Left to right, with Python's own arithmetic, and what is left of the whole."""
    words = [word for word in question.split() if word not in NAMES]
    value = int(words[0])
    for sign, digit in zip(words[1::2], map(int, words[2::2]), strict=True):
        value = {"+": value + digit, "-": value - digit, "*": value * digit}[sign]
    return value % 7


@given(st.integers(1, 12), st.integers(0, 10**6))
def test_answers_and_steps_are_true(steps: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = drawn(steps, (*TEST, *VALIDATION, *TRAINING), rng)
    assert problem.steps == steps
    assert int(problem.answer) == by_hand(problem.question)
    shown = problem.start
    words = problem.worked.split()
    for step in range(steps):
        name, sign, number, equals, reached = words[5 * step : 5 * step + 5]
        assert (name, equals) == (problem.names[step], "=")
        assert int(reached) == by_hand(f"{shown} {sign} {number}")
        shown = int(reached)
    assert f"{shown}" == problem.answer
    assert len(words) + 3 <= longest(steps)


def test_the_parts_are_disjoint_and_all_problems_differ() -> None:
    rng = np.random.default_rng(0)
    parts = [{(p.start, p.operations) for p in different(3, part, 300, rng)} for part in (TEST, VALIDATION, TRAINING)]
    assert [len(part) for part in parts] == [300, 300, 300]
    assert not parts[0] & parts[1]
    assert not (parts[0] | parts[1]) & parts[2]
    assert len(different(1, TEST, 400, rng)) == 7 * 17  # the tables, which belong to every part


def test_a_worked_example_by_hand() -> None:
    problem = Problem(3, (("+", 6), ("*", 2), ("-", 4)), "bcd")
    assert problem.question == "3 b + 6 c * 2 d - 4"
    assert problem.worked == "b + 6 = 2 c * 2 = 4 d - 4 = 0"
    assert problem.answer == "0"
    assert problem.part == Problem(3, problem.operations, "efg").part


@pytest.mark.parametrize("seed", range(6))
def test_training_texts_are_what_the_engine_shows(seed: int) -> None:
    """Words of a text up to where its last answer begins, against the prompt that a strategy renders."""
    rng = np.random.default_rng(seed)
    for kind, shown in (("direct", False), ("steps", False), ("direct", True), ("steps", True)):
        of = shape(kind, 3, rng, shown=shown)
        found = text(of, TRAINING, rng)
        again = text(of, TRAINING, rng)
        assert len(found.words) == len(again.words)
        assert found.words[-1] == END
        if of.examples:
            first = found.words.index("Assistant:")
            assert not any(found.counts[: found.words.index("User:", first)])
        asked: list[list[int]] = []

        class Listening:
            name = "listening"

            def stream(self, prompt, decoding, asked=asked):
                asked.append(Rendering(tokenizer(), None, "")(prompt))
                yield from ()

        turns = " ".join(found.words).split("User: ")[1:]
        question = turns[-1].split(" Assistant:")[0].rsplit(" ", 0 if of.examples else 1)[0]
        parts = [Part(part.strip(), TRUSTED, role) for turn in turns[:-1] for part, role in zip(
            turn.split(" Assistant:"), ("user", "assistant"), strict=True)]  # fmt: skip
        prompt = (*parts, Part(question, TRUSTED, "user"))
        how = How(wording=WORDING)
        (direct if of.examples or not of.worked else chain_of_thought)(
            Listening(), prompt, replace(how, wording=replace(WORDING, direct="")) if of.examples else how
        )
        last = len(found.words) - 1 - found.words[::-1].index("Assistant:")
        assert asked[0] == [tokenizer().id_of(word) for word in found.words[: last + 1]]


def test_greedy_in_a_batch_is_what_the_engine_writes() -> None:
    model = fitted(SMALL, "steps", 0, lambda share: None)
    problems = different(3, TEST, 8, np.random.default_rng(1))
    prompts = [f"User: {problem.question} {WORDING.steps} Assistant:" for problem in problems]
    how = How(Decoding(max_tokens=12), wording=WORDING)
    ours = [
        chain_of_thought(engine(model), (Part(problem.question, TRUSTED, "user"),), how).texts[0].strip()
        for problem in problems
    ]
    assert greedy(model, prompts, 12) == ours


def test_every_way_is_what_its_strategy_gives() -> None:
    model = fitted(SMALL, "steps", 0, lambda share: None)
    problems = different(2, TEST, 3, np.random.default_rng(1))
    found = tried(model, model, problems, (1, 4), 0.7, lambda done: None)
    assert [way.shown for way in found] == [
        DIRECT, STEPS, FEW_ANSWERS, FEW_WORKED, f"{VOTE}, 1", f"{VOTE}, 4", f"{BEST}, 4",
    ]  # fmt: skip
    for place, problem in enumerate(problems):
        warm = How(Decoding(max_tokens=longest(2), temperature=0.7, seed=1_000 * place), wording=WORDING)
        voted = self_consistency(engine(model), (Part(problem.question, TRUSTED, "user"),), warm, 4)
        assert found[Way(VOTE, 4)].right[place] == (voted.answer == problem.answer)
        assert found[Way(VOTE, 4)].prompt[place] + found[Way(VOTE, 4)].written[place] == voted.spent.total
    assert found[Way(FEW_WORKED)].tokens > found[Way(STEPS)].tokens


def made(votes: float) -> Outcome:
    """Shares that are known, on 200 problems."""
    rng = np.random.default_rng(2)

    def right(share: float) -> tuple[bool, ...]:
        return tuple((rng.random(200) < share).tolist())

    def way(share: float, n: int = 1) -> Tried:
        return Tried(right(share), (False,) * 200, (10,) * 200, (20 * n,) * 200)

    ways = {Way(DIRECT): way(0.1), Way(STEPS): way(0.7), Way(FEW_ANSWERS): way(0.1), Way(FEW_WORKED): way(0.7)}
    ways |= {Way(VOTE, 1): way(0.6), Way(VOTE, 9): way(votes, 9), Way(BEST, 9): way(0.7, 9)}
    return Outcome(
        4,
        1000,
        99,
        3,
        0.7,
        {1: right(0.9), 4: right(0.1), 6: right(0.1)},
        {1: right(0.9), 4: right(0.9), 6: right(0.1)},
        ways,
    )


def test_only_what_is_tested_is_said() -> None:
    better, level = made(0.95), made(0.7)
    assert [one.p < 0.05 for one in by_steps(better)] == [False, True, False]
    assert "better than the answer alone at 4 operations" in advice(better)[0]
    assert "shown better with 9 (" in " ".join(advice(better))
    assert "shown better with none" in " ".join(advice(level))
    assert "no difference shown" in advice(level)[-1]
    assert against_steps(better)[Way(VOTE, 9)].p < 0.05 < against_steps(level)[Way(VOTE, 9)].p
    assert len(vote_against_best(better)) == 1


def test_tables_fit_and_the_report_is_whole(tmp_path: Path) -> None:
    outcome = made(0.95)
    for table in tables(outcome).values():
        assert max(map(len, on_terminal(table).splitlines())) <= 80
    paths = report.write(tmp_path, outcome, json.dumps(report.as_json(outcome)))
    assert {path.name for path in paths} == {"report.html", "tables.md", "result.json", "steps.svg", "spent.svg"}
    saved = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert [row["steps"] for row in saved["by_steps"]] == [1, 4, 6]
    assert len(plots(outcome)) == 2


def test_the_whole_experiment_small() -> None:
    plan = Plan(questions=6, steps=(1, 3), asked=2, tried=3, votes=(1, 2), fitting=SMALL)
    outcome = run(plan, lambda share, what: None)
    again = run(plan, lambda share, what: None)
    assert outcome == again
    assert list(outcome.direct) == list(outcome.worked) == [1, 3]
    assert advice(outcome)


@pytest.mark.slow
def test_a_decoder_learns_to_reckon_in_steps() -> None:
    fitting = Fitting(steps=3, tokens=400_000, growing=0.7)
    model = fitted(fitting, "steps", 0, lambda share: None)
    problems = different(3, TEST, 200, np.random.default_rng(1))
    texts = greedy(model, [f"User: {p.question} {WORDING.steps} Assistant:" for p in problems], longest(3))
    right = [number(said) == problem.answer for said, problem in zip(texts, problems, strict=True)]
    assert np.mean(right) > 0.5


def test_untrained_words_and_marks_are_known() -> None:
    known = tokenizer()
    assert known.ids_batch(["User: 3 a + 6 answer\n\nAssistant: #### 0"])[0] == [
        known.id_of(word) for word in "User: 3 a + 6 answer Assistant: #### 0".split()
    ]
