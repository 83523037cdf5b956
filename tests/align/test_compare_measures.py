"""What the bake-off measures of a policy equals what the definitions say, on policies small enough to count."""

from collections.abc import Sequence
from itertools import combinations, product
from math import log
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_base import END, base

from openbook.align.compare.best_of import analytic_kl, chances, measured_kl
from openbook.align.compare.divergence import divergence
from openbook.align.compare.diversity import different, distinct
from openbook.align.compare.measure import Exam, answers, measured, won
from openbook.align.groups import Group
from openbook.align.policy import Policy, opened
from openbook.align.task import Problem, Rewards, Rollout
from openbook.train.finetune_recipe import Base
from openbook.train.lora_targets import LoraConfig


def moved(tmp_path: Path, adapter: bool) -> Policy:
    folder = base(tmp_path / "base")
    policy = opened(Base(str(folder)), LoraConfig(rank=2, alpha=4.0) if adapter else None, END, 0, torch.device("cpu"))
    policy.keep_reference()
    torch.manual_seed(1)
    for parameter in policy.model.parameters():
        if parameter.requires_grad:
            parameter.data += 0.2 * torch.randn_like(parameter)
    return policy


@pytest.mark.parametrize("adapter", [False, True])
def test_the_divergence_is_the_sum_over_all_replies(tmp_path: Path, adapter: bool) -> None:
    policy = moved(tmp_path, adapter)
    prompt, words = policy.ids("1+"), policy.model.config.vocabulary
    replies = [np.array([a]) if a == policy.end else np.array([a, b]) for a, b in product(range(words), repeat=2)]
    every = list({tuple(reply): reply for reply in replies}.values())
    group = [Group(prompt, tuple(every))]
    with torch.no_grad():
        log_p = policy.scored(group).sums.double().numpy()
    log_q = policy.reference_log_p(group).sum(-1).double().numpy()
    p = np.exp(log_p)
    assert p.sum() == pytest.approx(1, abs=1e-5)
    found = divergence(policy, group)
    by_enumeration = float((p * (log_p - log_q)).sum())
    assert by_enumeration > 0.01
    assert float((p * found.kl).sum()) == pytest.approx(by_enumeration, rel=1e-4)
    assert float((p * found.entropy).sum()) == pytest.approx(float(-(p * log_p).sum()), rel=1e-4)
    assert (found.kl >= 0).all()


@given(st.lists(st.integers(0, 3), min_size=5, max_size=7), st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_the_chance_to_be_the_best_of_n_is_that_of_all_choices(scores: list[int], n: int) -> None:
    proxy = np.array([scores], dtype=np.float64)
    counted = np.zeros(len(scores))
    choices = list(combinations(range(len(scores)), n))
    for choice in choices:
        best = [i for i in choice if scores[i] == max(scores[j] for j in choice)]
        counted[best] += 1 / len(best)
    np.testing.assert_allclose(chances(proxy, n)[0], counted / len(choices), atol=1e-12)


def test_the_kl_of_best_of_n_is_the_analytic_one_where_no_reply_comes_twice() -> None:
    rng = np.random.default_rng(0)
    for n in (1, 2, 8, 32):
        assert measured_kl(rng.random((3, 20_000)), n).mean() == pytest.approx(analytic_kl(n), abs=0.01)
    coin = np.array([[0.0, 1.0] * 50])  # the best of two coins is heads with 3/4
    assert measured_kl(coin, 2)[0] == pytest.approx(0.75 * log(1.5) + 0.25 * log(0.5))
    assert measured_kl(coin, 2)[0] < analytic_kl(2)
    assert measured_kl(np.ones((1, 9)), 64)[0] == pytest.approx(0)


def test_distinct_counts_words_and_replies() -> None:
    assert distinct(["a b a", "a b"], 1) == 2 / 5
    assert distinct(["a b a", "a b"], 2) == 2 / 3
    assert distinct(["a", ""], 2) == 1
    assert different(["a", "a", "b", "a"]) == 0.5


def test_a_win_is_counted_against_every_other_reply_and_a_tie_half() -> None:
    found = won(np.array([[2.0, 1.0]]), np.array([[1.0, 0.0, 3.0]]))
    np.testing.assert_allclose(found, [[2 / 3, 0.5]])


def problems(count: int) -> list[Problem]:
    return [Problem(f"{n}+{n}=", str(2 * n), str(2 * n), 1) for n in range(count)]


def by_length(rollouts: Sequence[Rollout]) -> Rewards:
    return np.array([[float(len(text)) for text in one.texts] for one in rollouts])


def test_the_policy_that_the_reference_is_has_no_divergence_and_wins_half(tmp_path: Path) -> None:
    folder = base(tmp_path / "base")
    policy = opened(Base(str(folder)), None, END, 0, torch.device("cpu"))
    policy.keep_reference()
    asked = problems(20)
    other = by_length(answers(policy, asked, 8, 6, [9]))
    exam = Exam(asked, 8, 6, [3], {"true": by_length, "proxy": by_length}, other)
    found, again = measured(policy, exam), measured(policy, exam)
    assert found == again
    assert max(found.kl) == pytest.approx(0, abs=1e-6)
    assert np.mean(found.wins) == pytest.approx(0.5, abs=0.1)
    assert all(len(values) == 20 for values in (found.wins, found.kl, found.length, found.rewards["true"]))
    assert 1 <= np.mean(found.length) <= 6
