"""Scores, verdicts and rubrics of judges whose every reply is known; runs that stop, go on and are replayed."""

from dataclasses import replace
from pathlib import Path

import pytest
from scripted_judges import Scripted, judge_of, scored

from openbook.errors import OpenbookError
from openbook.evaluate.judge import geval, pairwise
from openbook.evaluate.judge.ask import Judge, TooManyCalls
from openbook.evaluate.judge.built_in import BUILT_IN
from openbook.evaluate.judge.cache import open_replies
from openbook.evaluate.judge.case import Case
from openbook.evaluate.judge.criterion import BadCriterion, Criterion, one_scale
from openbook.evaluate.judge.estimate import Prices, estimated, money, seconds_left
from openbook.evaluate.judge.rubric import weighted_mean
from openbook.evaluate.judge.run import MOST_FAILURES, each
from openbook.values import Decoding, Prompt, Token

FLUENCY = BUILT_IN["fluency"]
CASES = [Case(str(number), (f"Text number {number}.",)) for number in range(6)]


def silent(done: int, total: int) -> None:
    del done, total


def by_first_letter(prompt: Prompt, decoding: Decoding) -> str:
    """Prefers, of two texts, the one earlier in the alphabet."""
    first, second = (part.text for part in prompt if part.role == "document")
    return f'{{"better": "{"tie" if first == second else "first" if first < second else "second"}"}}'


def test_with_log_probabilities_one_call_gives_the_expectation(case: Case) -> None:
    model = Scripted(lambda *_: scored(("4", 0.5), ("5", 0.3), ("x", 0.2)))
    found, _ = geval.judged(judge_of(model), FLUENCY, case)
    assert found.score == pytest.approx((4 * 0.5 + 5 * 0.3) / 0.8)
    assert (found.mass, found.spread, found.unread, len(model.asked)) == (pytest.approx(0.8), None, "", 1)
    assert model.asked[0][1].alternatives == 20
    assert model.asked[0][1].schema is not None


def test_without_them_the_mean_of_seeded_samples(case: Case) -> None:
    model = Scripted(lambda _, decoding: f'{{"score": {1 + decoding.seed % 2 if decoding.temperature else 5}}}')
    found, _ = geval.judged(judge_of(model), FLUENCY, case, samples=10)
    assert (found.score, found.samples, found.mass) == (1.5, 10, None)
    assert found.spread == pytest.approx(0.527, abs=0.001)
    assert [d.seed for _, d in model.asked[1:]] == list(range(10))
    assert {d.temperature for _, d in model.asked[1:]} == {1.0}


@pytest.mark.parametrize("prose", ["Score: 4", "I would say 4 of 5.", '{"score": 9}', ""])
def test_prose_is_asked_for_once_more_and_then_unread(case: Case, prose: str) -> None:
    model = Scripted(lambda *_: prose)
    found, _ = geval.judged(judge_of(model), FLUENCY, case)
    assert (found.score, found.unread, len(model.asked)) == (None, "malformed", 2)
    assert '{"score": N}, N being a whole number from 1 to 5' in model.asked[1][0][-1].text
    assert model.asked[1][0][:-1] == model.asked[0][0]


def test_a_form_at_the_second_asking_counts(case: Case) -> None:
    model = Scripted(lambda prompt, _: scored(("3", 1.0)) if "last reply" in prompt[-1].text else "It is good.")
    found, _ = geval.judged(judge_of(model), FLUENCY, case)
    assert (found.score, len(model.asked)) == (3, 2)


def test_samples_of_which_most_are_prose_give_no_score(case: Case) -> None:
    def reply(prompt: Prompt, decoding: Decoding) -> str:
        return '{"score": 4}' if decoding.temperature == 0 or decoding.seed < 4 else "four"

    found, _ = geval.judged(judge_of(Scripted(reply)), FLUENCY, case, samples=10)
    assert (found.score, found.unread) == (None, "malformed")
    found, _ = geval.judged(judge_of(Scripted(reply)), FLUENCY, case, samples=8)
    assert (found.score, found.samples) == (4, 4)


def test_steps_are_written_once_and_shown(case: Case, tmp_path: Path) -> None:
    model = Scripted(lambda *_: '{"steps": ["Look for verbs.", "Give a score."]}')
    judge = judge_of(model, open_replies(tmp_path / "r.sqlite"))
    criterion = geval.with_steps(judge, FLUENCY)
    assert geval.with_steps(judge, FLUENCY) == criterion
    assert len(model.asked) == 1
    assert "1. Look for verbs." in geval.question(criterion, case)[0][1].text
    given = replace(FLUENCY, steps=("Mine.",))
    assert geval.with_steps(judge, given) == given
    assert len(model.asked) == 1


def test_no_steps_is_said(case: Case) -> None:
    with pytest.raises(OpenbookError, match="wrote no steps for fluency"):
        geval.with_steps(judge_of(Scripted(lambda *_: "First, read.")), FLUENCY)


def test_a_preference_counts_if_it_survives_the_swap() -> None:
    case = Case("1", ("apple", "pear"))
    found, _ = pairwise.compared(judge_of(Scripted(by_first_letter)), FLUENCY, case)
    assert (found.choice, found.swapped, found.kept) == (1, 1, 1)
    first_place = Scripted(lambda *_: '{"better": "first"}')
    found, _ = pairwise.compared(judge_of(first_place), FLUENCY, case)
    assert (found.choice, found.swapped, found.kept, len(first_place.asked)) == (1, 2, 0, 2)


def test_a_verdict_unread_in_one_order_is_unread() -> None:
    def reply(prompt: Prompt, _: Decoding) -> str:
        documents = [part.text for part in prompt if part.role == "document"]
        return '{"better": "tie"}' if documents[0] == "apple" else "I cannot say."

    found, _ = pairwise.compared(judge_of(Scripted(reply)), FLUENCY, Case("1", ("apple", "pear")))
    assert (found.choice, found.swapped, found.kept, found.unread) == (0, None, None, "malformed")


def test_a_rubric_is_the_weighted_mean_or_nothing() -> None:
    one, other = Criterion("one", "One."), Criterion("other", "Other.", weight=3)
    assert weighted_mean([one, other], {"one": 1.0, "other": 5.0}) == 4.0
    assert weighted_mean([one, other], {"one": 1.0, "other": None}) is None
    assert weighted_mean([one, other], {"one": 1.0}) is None
    with pytest.raises(BadCriterion, match="share one scale"):
        one_scale([one, Criterion("third", "Third.", high=10)])


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    def until(calls: int) -> Scripted:
        def reply(*_: object) -> list[Token]:
            if len(model.asked) > calls:
                raise KeyboardInterrupt
            return scored(("4", 0.9), ("2", 0.1))

        model = Scripted(reply)
        return model

    def run(model: Scripted) -> list[float | None]:
        judge = judge_of(model, open_replies(tmp_path / "r.sqlite"))
        return [j.score for j in each(CASES, [FLUENCY], lambda c, k: geval.judged(judge, c, k), silent)]

    stopped = until(4)
    with pytest.raises(KeyboardInterrupt):
        run(stopped)
    rest = until(2)
    whole = run(rest)
    assert len(rest.asked) == 2
    assert whole == run(until(0)) == [pytest.approx(3.8)] * 6


def test_a_replay_asks_no_model_and_counts_what_is_missing(tmp_path: Path) -> None:
    replies = open_replies(tmp_path / "r.sqlite")
    model = Scripted(lambda *_: scored(("4", 0.9), ("2", 0.1)))
    for case in CASES[:4]:
        geval.judged(judge_of(model, replies), FLUENCY, case)
    replay = Judge(model.name, None, replies)
    found = each(CASES, [FLUENCY], lambda c, k: geval.judged(replay, c, k), silent)
    assert [j.unread for j in found] == [""] * 4 + ["missing"] * 2
    assert [j.score for j in found[:4]] == [pytest.approx(3.8)] * 4
    assert (replay.tally.cached, replay.tally.calls) == (4, 0)


def test_one_text_that_does_not_fit_is_passed_over_and_many_end_the_run() -> None:
    def too_long(number: str) -> Scripted:
        def reply(prompt: Prompt, _: Decoding) -> list[Token]:
            if any(number in part.text for part in prompt if part.role == "document"):
                raise OpenbookError("the prompt is too long")
            return scored(("4", 1.0))

        return Scripted(reply)

    found = each(CASES, [FLUENCY], lambda c, k: geval.judged(judge_of(too_long("3")), c, k), silent)
    assert [j.unread for j in found] == ["", "", "", "failed", "", ""]
    model = too_long("Text")
    with pytest.raises(OpenbookError, match="too long"):
        each(CASES, [FLUENCY], lambda c, k: geval.judged(judge_of(model), c, k), silent)
    assert len(model.asked) == MOST_FAILURES


def test_a_model_that_does_not_stop_is_stopped(case: Case) -> None:
    def endless(*_: object) -> list[Token]:
        return [Token(1, "x")] * 100_000

    judge = judge_of(Scripted(endless))
    assert len(judge.ask(*geval.question(FLUENCY, case))) == 32


def test_more_calls_than_agreed_end_the_run_and_nothing_is_lost(tmp_path: Path) -> None:
    replies = open_replies(tmp_path / "r.sqlite")
    model = Scripted(lambda *_: scored(("4", 1.0)))
    first = judge_of(model, replies, 4)
    with pytest.raises(TooManyCalls, match="--yes"):
        each(CASES, [FLUENCY], lambda c, k: geval.judged(first, c, k), silent)
    judge = judge_of(model, replies, 4)
    assert len(each(CASES, [FLUENCY], lambda c, k: geval.judged(judge, c, k), silent)) == 6
    assert (judge.tally.calls, judge.tally.cached) == (2, 4)


def test_the_estimate_counts_what_is_not_recorded_and_asks_nothing(tmp_path: Path) -> None:
    model = Scripted(lambda *_: scored(("4", 1.0)))
    judge = judge_of(model, open_replies(tmp_path / "r.sqlite"))
    questions = [geval.question(FLUENCY, case) for case in CASES]
    judge.ask(*questions[0])
    found = estimated(judge, questions)
    assert (found.calls, found.recorded, len(model.asked)) == (5, 1, 1)
    characters = sum(len(part.text) for part in questions[1][0])
    assert found.tokens_in == pytest.approx(5 * characters / 4, rel=0.05)
    assert Prices(2.0, 10.0).of(1_000_000, 100_000) == 3.0
    amounts = (0.0, 0.00002, 0.00123456, 0.0456, 0.999, 3.0, 1234.5)
    assert [money(x) for x in amounts] == ["0", "under 0.0001", "0.00123", "0.0456", "0.999", "3.00", "1,234.50"]


def test_time_is_told_after_a_few_calls(case: Case) -> None:
    judge = judge_of(Scripted(lambda *_: scored(("4", 1.0))))
    assert seconds_left(judge.tally, 0, 10) is None
    for number in range(4):
        geval.judged(judge, FLUENCY, CASES[number])
    judge.tally.seconds = 8.0
    assert seconds_left(judge.tally, 4, 10) == 12.0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "Über"}, "no name of a criterion"),
        ({"name": ""}, "no name of a criterion"),
        ({"description": " "}, "needs a description"),
        ({"low": 5}, "scale of 5 to 5"),
        ({"low": -1}, "scale of -1"),
        ({"high": 1000}, "scale of 1 to 1000"),
        ({"weight": 0.0}, "weight of 0.0"),
        ({"weight": float("nan")}, "weight of nan"),
        ({"steps": ("x",) * 21}, "too many steps"),
    ],
)
def test_criteria_that_nothing_can_be_judged_by(change: dict[str, object], says: str) -> None:
    with pytest.raises(BadCriterion, match=says):
        replace(FLUENCY, **change)
