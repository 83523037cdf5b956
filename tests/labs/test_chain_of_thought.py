"""The lab of intermediate steps: texts are true, splits hold, models learn, and the outcome says what it shows."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.align.groups import Group
from openbook.generate.local import LocalModel
from openbook.generate.reasoning import How, chain_of_thought, direct
from openbook.generate.reasoning.prompts import steps_prompt
from openbook.generate.reasoning.reading import number
from openbook.generate.render import Rendering
from openbook.generate.samples import samples
from openbook.generate.torch_engine import local_model
from openbook.labs.chain_of_thought import report
from openbook.labs.chain_of_thought.advice import advice
from openbook.labs.chain_of_thought.experiment import Plan, right, run
from openbook.labs.chain_of_thought.fit import Fitting, fitted
from openbook.labs.chain_of_thought.mends import Noticed, noticed, without_mends
from openbook.labs.chain_of_thought.outcome import (
    Outcome,
    against_drawn,
    against_steps,
    against_vote,
    by_steps,
    of_mends,
)
from openbook.labs.chain_of_thought.plots import plots
from openbook.labs.chain_of_thought.reward import Pair, Teaching, learnt, pairs, preferred
from openbook.labs.chain_of_thought.task import NAMES, TEST, TRAINING, VALIDATION, Problem, different, drawn
from openbook.labs.chain_of_thought.texts import (
    asked,
    asked_for_steps,
    longest,
    mean_log_probabilities,
    rendered,
    spent_on,
    text_of,
    written,
)
from openbook.labs.chain_of_thought.ways import (
    BEST,
    DIRECT,
    FEW_ANSWERS,
    FEW_WORKED,
    MENDS,
    MENDS_DRAWN,
    REWARDED,
    STEPS,
    UNMENDED,
    VOTE,
    WEIGHTED,
    Models,
    Tried,
    Way,
    tried,
)
from openbook.labs.chain_of_thought.words import END, IDS, MEND, WORDING, shape, text, tokenizer
from openbook.model import Decoder
from openbook.report.terminal import text as on_terminal
from openbook.values import TRUSTED, Decoding, Part

RNG = np.random.default_rng
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
    for kind, shown in (("direct", False), ("steps", False), ("mends", False), ("direct", True), ("steps", True)):
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


@pytest.fixture(scope="module")
def model() -> Decoder:
    return fitted(SMALL, "steps", 0, lambda share: None)


def engine(model: Decoder) -> LocalModel:
    """The decoder as ``openbook generate`` would run it."""
    return local_model("lab", model, Rendering(tokenizer(), None, ""), frozenset({IDS[END]}))


def test_texts_in_a_batch_are_what_the_engine_writes(model: Decoder) -> None:
    problems = different(3, TEST, 8, np.random.default_rng(1))
    how = How(Decoding(max_tokens=12), wording=WORDING)
    found = written(model, [asked_for_steps(problem) for problem in problems], 12)
    for problem, one in zip(problems, found, strict=True):
        by_engine = chain_of_thought(engine(model), asked(problem), how)
        assert text_of(one.replies[0]) == by_engine.texts[0].strip()
        assert spent_on(one, 1) == by_engine.spent


def test_texts_are_as_likely_as_the_engine_says(model: Decoder) -> None:
    prompt = steps_prompt(asked(different(2, TEST, 1, np.random.default_rng(1))[0]), WORDING)
    drawn_texts = samples(engine(model), prompt, 9, Decoding(max_tokens=9, temperature=1.5))
    said = [
        one for one in drawn_texts if len(one.logprobs or ()) == len(one.text.split())
    ]  # shown without unknown words
    assert len(said) > 3
    replies = tuple(np.array([IDS[word] for word in one.text.split()]) for one in said)
    (found,) = mean_log_probabilities(model, [Group(rendered(prompt), replies)])
    assert found == pytest.approx([np.mean(one.logprobs) for one in said if one.logprobs], abs=1e-4)


def test_a_text_that_mends_is_true_but_for_what_it_takes_back() -> None:
    rng = np.random.default_rng(4)
    slips, kinds = 0, set[int]()
    for _ in range(50):
        found = text(shape("mends", 4, rng, shown=False, slips=0.5), TRAINING, rng)
        question, said = " ".join(found.words).removeprefix("User: ").split(f" {WORDING.steps} Assistant: ")
        steps, answer, _ = said.rsplit(" ", 2)
        kept = [step for step in re.split(r"(?= [a-p] )", f" {steps}") if MEND not in step.split() and step.strip()]
        assert int(answer) == by_hand(question)
        assert [step.split()[0] for step in kept] == [word for word in question.split() if word in NAMES]
        counted = found.counts[-len(said.split()) :]
        for place, word in enumerate(said.split()):
            assert counted[place] == (
                said.split()[place + 1 : place + 2] != [MEND]
            )  # wrong is the word before it alone
            kinds |= {len(said.split()[:place])} if word == MEND else set()
        slips += said.split().count(MEND)
    assert slips / 200 == pytest.approx(0.5, abs=0.1)
    assert len(kinds) > 3


def test_what_is_noticed_by_hand() -> None:
    problem = Problem(3, (("+", 6), ("*", 2), ("-", 4)), "bcd")
    assert noticed(problem, f"{problem.worked} #### 0") == Noticed(right=15)
    mended = "b + 6 = 5 no b + 6 = 2 c * 2 no c * 2 = 4 d - 4 = 0 #### 0"
    assert noticed(problem, mended) == Noticed(right=22, wrong=1, alarms=1, caught=1, mended=1)
    stands = "b + 6 = 2 c * 3 = 6 d - 4 = 0 #### 0"
    assert noticed(problem, stands) == Noticed(right=7, wrong=1)
    twice = "b - no b * no b + 6 = 2 #### 0"
    assert noticed(problem, twice) == Noticed(right=7, wrong=2, caught=2, mended=1)
    assert noticed(problem, "") == noticed(problem, "#### 0") == Noticed()


def test_a_forbidden_word_is_never_written_and_the_model_stays_as_it_was(model: Decoder) -> None:
    prompts = [asked_for_steps(problem) for problem in different(2, TEST, 20, np.random.default_rng(1))]

    def said() -> int:
        groups = written(model, prompts, 20, 5, 8.0, [1])
        return sum(text_of(reply).split().count(MEND) for one in groups for reply in one.replies)

    before = said()
    with without_mends(model):
        assert said() == 0
    assert said() == before > 0


def test_every_way_is_what_its_strategy_gives(model: Decoder) -> None:
    problems = different(2, TEST, 3, np.random.default_rng(1))
    scorer = learnt(model, [worked_pair(problems[0], 1)], Teaching(passes=1, batch=1), 0, lambda share: None)
    found, counted = tried(Models(model, model, model, scorer), problems, (1, 4), 0.7, 5, lambda done: None)
    assert [way.shown for way in found] == [
        DIRECT, STEPS, FEW_ANSWERS, FEW_WORKED, f"{VOTE}, 1", f"{VOTE}, 4", f"{BEST}, 4", f"{REWARDED}, 4",
        f"{WEIGHTED}, 4", MENDS, MENDS_DRAWN, UNMENDED,
    ]  # fmt: skip
    drawn_texts = written(model, [asked_for_steps(problem) for problem in problems], longest(2), 4, 0.7, [5, 12])
    for place, (problem, one) in enumerate(zip(problems, drawn_texts, strict=True)):
        answers = [number(text_of(reply)) for reply in one.replies]
        said = [answer for answer in answers if answer is not None]
        vote = max(said, key=said.count, default=None)
        assert found[Way(VOTE, 4)].right[place] == (vote == problem.answer)
        assert found[Way(VOTE, 1)].right[place] == (answers[0] == problem.answer)
        assert found[Way(REWARDED, 4)].prompt[place] == 5 * len(one.prompt) + sum(map(len, one.replies))
    assert found[Way(FEW_WORKED)].tokens > found[Way(STEPS)].tokens
    assert list(counted) == [f"{VOTE}, 1", MENDS_DRAWN, UNMENDED]


def test_pairs_share_their_first_steps_and_differ_in_their_answers() -> None:
    few = fitted(replace(SMALL, steps=1, tokens=20_000), "steps", 0, lambda share: None)
    found = pairs(few, 1, TRAINING, 20, 1.5, [3])
    again = pairs(few, 1, TRAINING, 20, 1.5, [3])
    assert found
    for one, other in zip(found, again, strict=True):
        assert all(map(np.array_equal, one.group.replies, other.group.replies))
        right, wrong = (text_of(reply).split() for reply in one.group.replies)
        question = text_of(one.group.prompt).removeprefix("User: ").removesuffix(f" {WORDING.steps} Assistant:")
        assert int(number(" ".join(right)) or -1) == by_hand(question) != int(number(" ".join(wrong)) or -1)
        assert right[: 5 * one.shared] == wrong[: 5 * one.shared]


def test_a_reward_model_learns_which_text_is_right(model: Decoder) -> None:
    """Right answers against wrong ones, of some problems of one operation, learnt by heart."""
    some = [worked_pair(problem, 1 + place % 6) for place, problem in enumerate(different(1, TEST, 24, RNG(7)))]
    told: list[float] = []
    scorer = learnt(model, some, Teaching(passes=60, batch=8, rate=5e-3), 0, told.append)
    assert np.mean(preferred(scorer, some)) > 0.9
    assert told[-1] == 1.0
    assert sorted(told) == told


def worked_pair(problem: Problem, off: int) -> Pair:
    wrong = f"{(int(problem.answer) + off) % 7}"
    texts = [f"{problem.worked[:-1]}{answer} #### {answer} {END}" for answer in (problem.answer, wrong)]
    replies = tuple(np.array([IDS[word] for word in said.split()]) for said in texts)
    return Pair(Group(asked_for_steps(problem), replies), 0)


def made(votes: float) -> Outcome:
    """Shares that are known, on 200 problems."""
    rng = np.random.default_rng(2)

    def right(share: float) -> tuple[bool, ...]:
        return tuple((rng.random(200) < share).tolist())

    def way(share: float, n: int = 1) -> Tried:
        return Tried(right(share), (False,) * 200, (10,) * 200, (20 * n,) * 200)

    ways = {Way(DIRECT): way(0.1), Way(STEPS): way(0.7), Way(FEW_ANSWERS): way(0.1), Way(FEW_WORKED): way(0.7)}
    ways |= {Way(VOTE, 1): way(0.7), Way(VOTE, 9): way(votes, 9)}
    ways |= {Way(strategy, 9): way(0.7, 9) for strategy in (BEST, REWARDED, WEIGHTED)}
    ways |= {Way(MENDS): way(0.7), Way(MENDS_DRAWN): way(votes), Way(UNMENDED): way(0.6)}
    counted = Noticed(right=1000, wrong=100, alarms=5, caught=80, mended=70)
    return Outcome(
        4,
        1000,
        99,
        3,
        0.7,
        {1: right(0.9), 4: right(0.1), 6: right(0.1)},
        {1: right(0.9), 4: right(0.9), 6: right(0.1)},
        {1: right(0.9), 4: right(0.9), 6: right(0.1)},
        ways,
        {MENDS_DRAWN: counted, UNMENDED: Noticed()},
        50,
        {0: right(votes), 2: right(votes)},
    )


def test_only_what_is_tested_is_said() -> None:
    better, level = made(0.95), made(0.7)
    assert [one.p < 0.05 for one in by_steps(better)] == [False, True, False]
    assert "better than the answer alone at 4 operations" in advice(better)[0]
    assert "at temperature 0: self-consistency, 9 (6.3 times its tokens)" in " ".join(advice(better))
    assert "at temperature 0: nothing" in " ".join(advice(level))
    assert "self-consistency of 9 0.9" in " ".join(advice(better))
    assert "nothing drawn is shown better" in " ".join(advice(level))
    assert "It takes back 80 of 100 wrong words and 5 of 1,000 right ones" in advice(level)[-1]
    assert "drawn against itself without its word +0.4" in advice(better)[-1]
    assert against_steps(better)[Way(VOTE, 9)].p < 0.05 < against_steps(level)[Way(VOTE, 9)].p
    assert against_drawn(better)[Way(MENDS_DRAWN)].p < 0.05 < against_drawn(level)[Way(MENDS_DRAWN)].p
    assert [way.strategy for way in against_vote(better)] == [BEST, REWARDED, WEIGHTED]
    assert all(one.difference < 0 and one.p < 0.05 for one in against_vote(better).values())
    assert [one.p < 0.05 for one in of_mends(better)] == [False, True, True, True]


def test_tables_fit_and_the_report_is_whole(tmp_path: Path) -> None:
    outcome = made(0.95)
    for table in report.all_tables(outcome).values():
        assert max(map(len, on_terminal(table).splitlines())) <= 80
    paths = report.write(tmp_path, outcome, json.dumps(report.as_json(outcome)))
    assert {path.name for path in paths} == {"report.html", "tables.md", "result.json", "steps.svg", "spent.svg"}
    saved = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert [row["steps"] for row in saved["by_steps"]] == [1, 4, 6]
    assert len(plots(outcome)) == 2


def test_the_whole_experiment_small() -> None:
    teaching = Teaching(pairs=4, held=2, passes=1, batch=2)
    plan = Plan(questions=6, steps=(1, 3), asked=2, tried=3, votes=(1, 2), fitting=SMALL, teaching=teaching)
    outcome = run(plan, lambda share, what: None)
    again = run(plan, lambda share, what: None)
    assert outcome == again
    assert list(outcome.direct) == list(outcome.worked) == list(outcome.mended) == [1, 3]
    assert advice(outcome)


@pytest.mark.slow
def test_a_decoder_learns_to_reckon_in_steps() -> None:
    fitting = Fitting(steps=3, tokens=400_000, growing=0.7)
    model = fitted(fitting, "steps", 0, lambda share: None)
    problems = different(3, TEST, 200, np.random.default_rng(1))
    assert np.mean(right(model, problems, "steps")) > 0.5


def test_untrained_words_and_marks_are_known() -> None:
    known = tokenizer()
    assert known.ids_batch(["User: 3 a + 6 answer\n\nAssistant: #### 0"])[0] == [
        known.id_of(word) for word in "User: 3 a + 6 answer Assistant: #### 0".split()
    ]
