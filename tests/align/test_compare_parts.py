"""The parts of a bake-off: problems kept apart, rewards made comparable, choices counted, memory."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_compare import recipe

from openbook.align.compare.judges import annotation
from openbook.align.compare.memory import forget_peak, peak
from openbook.align.compare.problems import parted
from openbook.align.compare.proxies import CONTROLLED, ENSEMBLE, PROXY, Scale, scale_of, standardised, worths
from openbook.align.compare.quick import first_look, quickened
from openbook.align.groups import Group
from openbook.align.preferences import Pair
from openbook.align.problems import AlignProblem
from openbook.align.task import Problem, Rewards, Rollout, Task
from openbook.align.tasks import by_name


def rollout(*texts: str, prompt: str = "p") -> Rollout:
    replies = tuple(np.arange(1, len(text) + 1) for text in texts)
    return Rollout(Problem(prompt, "", "", 1), Group(np.array([1]), replies), texts, (True,) * len(texts))


def test_no_prompt_is_in_two_parts_and_a_small_task_is_refused(tmp_path: Path) -> None:
    wanted = recipe(tmp_path)
    parts = parted(by_name("sorting"), wanted)
    prompts = [one.prompt for part in (parts.taught, parts.held, parts.exam) for one in part]
    assert len(set(prompts)) == len(prompts) == 6 + 4 + 5
    coin = Task("coin", lambda rng, _: Problem(str(rng.integers(2)), "", "", 1), lambda *_: 0.0, (1, 1))
    with pytest.raises(AlignProblem, match="coin has about 2 different problems"):
        parted(coin, wanted)


def test_the_price_of_a_token_is_seen_within_prompts_alone() -> None:
    lengths = np.array([[1.0, 2.0, 3.0], [11.0, 12.0, 13.0]])
    rewards = 0.5 * lengths - np.array([[0.0], [30.0]])  # long prompts' replies are worth less, long replies more
    assert scale_of(rewards, lengths).per_token == pytest.approx(0.5)
    assert scale_of(np.ones((2, 3)), lengths) == Scale(1.0, 1.0, 0.0)
    assert scale_of(rewards, np.ones((2, 3))).per_token == 0


def test_a_standardised_reward_has_mean_zero_and_deviation_one() -> None:
    some = [rollout("a", "bbb"), rollout("cc", "dddd")]

    def by_length(rollouts: list[Rollout]) -> Rewards:
        return np.array([[float(len(text)) for text in one.texts] for one in rollouts])

    scale = scale_of(by_length(some), np.ones((2, 2)))
    found = standardised(by_length, scale)(some)  # type: ignore[arg-type]
    assert (found.mean(), found.std()) == pytest.approx((0, 1))


def test_an_ensemble_needs_two_models_and_length_has_the_price_of_the_first() -> None:
    made = worths([Path("one"), Path("two")], Scale(0.0, 2.0, 0.25))
    assert made[PROXY].models == ("one",)
    assert made[CONTROLLED].per_token == 0.25
    assert made[ENSEMBLE].models == ("one", "two")
    assert ENSEMBLE not in worths([Path("one")], Scale(0.0, 1.0, 0.0))


def test_choices_are_counted_by_truth_and_by_length() -> None:
    replies = [rollout("aaa", "b", prompt="x"), rollout("cc", "dd", prompt="y")]
    pairs = [Pair("x", "aaa", "b"), Pair("x", "b", "aaa"), Pair("y", "cc", "dd")]
    found = annotation(pairs, replies, lambda _: np.array([[1.0, 0.0], [2.0, 5.0]]))
    assert (found.unequal, found.better, found.unlike, found.longer) == (3, 1, 2, 1)
    assert (found.both, found.true_longer) == (2, 2)


def test_a_first_look_asks_for_less_of_everything(tmp_path: Path) -> None:
    whole = replace(recipe(tmp_path), budget=replace(recipe(tmp_path).budget, replies=800))
    quick = quickened(whole)
    assert quick.budget.replies == 100
    assert quick.hacking is not None
    assert quick.annotators.prompts <= whole.annotators.prompts
    assert quick.proxy.steps <= whole.proxy.steps
    told = first_look(replace(whole, hacking=replace(whole.hacking, replies=9600)) if whole.hacking else whole)
    assert "learnt from 100 replies, where the recipe gives 800 (the climb too far: 1,200 in place of 9,600)" in told
    assert "Conclude nothing" in told


def test_the_peak_is_of_this_process_and_since() -> None:
    forget_peak()
    held = np.ones(20_000_000)
    assert peak() >= held.nbytes
