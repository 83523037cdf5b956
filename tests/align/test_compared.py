"""All pairs of a prompt read at once are the same pairs, with the same loss and gradient, in fewer tokens."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_base import base

from openbook.align.compared import by_prompt, in_pairs, singly
from openbook.align.groups import Group
from openbook.align.preferences import Pair, write_pairs
from openbook.align.reward_recipe import Loss, PairData, RewardRecipe
from openbook.align.reward_run import run
from openbook.train.finetune_recipe import Base
from openbook.train.metrics import Metrics
from openbook.train.recipe import Out, Train
from openbook.train.watch import Watch

TOKENS = st.integers(0, 3)


def group(prompt: int, chosen: int, rejected: int) -> Group:
    replies = tuple(np.array([token], dtype=np.int64) for token in (chosen, rejected))
    return Group(np.array([prompt], dtype=np.int64), replies)


def _numbers(pairs: torch.Tensor) -> list[list[int]]:
    return pairs.tolist()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


@given(st.lists(st.tuples(TOKENS, TOKENS, TOKENS).filter(lambda one: one[1] != one[2]), min_size=1, max_size=12))
def test_pairs_are_kept_and_replies_are_read_once(found: list[tuple[int, int, int]]) -> None:
    together = by_prompt([group(*one) for one in found])
    worth = torch.tensor([[one.group.prompt[0], reply[0]] for one in together for reply in one.group.replies])
    prompts, replies = (_numbers(in_pairs(worth[:, column], together)) for column in (0, 1))
    again = [(prompt, won, lost) for (prompt, _), (won, lost) in zip(prompts, replies, strict=True)]
    assert sorted(again) == sorted(found)
    assert len(together) == len({prompt for prompt, _, _ in found})
    assert len(worth) == len({(prompt, reply) for prompt, won, lost in found for reply in (won, lost)})
    alone = singly([group(*one) for one in found])
    assert [[int(reply[0]) for reply in one.group.replies] for one in alone] == [list(one[1:]) for one in found]


def test_the_loss_and_its_gradient_do_not_hang_on_how_pairs_are_read(tmp_path: Path) -> None:
    pairs = [
        Pair(f"{number}+1?", f"{better}7", f"{worse}1")
        for number in range(4)
        for better, worse in (("a", "b"), ("a", "cd"), ("ef", "b"))
    ]
    write_pairs(tmp_path / "pairs.jsonl", pairs)
    seen: list[tuple[float, float]] = []
    for together, batch in ((False, 12), (True, 4)):
        recipe = RewardRecipe(
            base=Base(str(base(tmp_path / "base"))),
            data=PairData(str(tmp_path / "pairs.jsonl"), validation=0.0),
            out=Out(str(tmp_path / f"run-{together}"), log_every=1),
            train=Train(steps=1, batch=batch, device="cpu"),
            reward=Loss(by_prompt=together),
        )
        assert run(recipe, Watch(lambda _: None, lambda _: None, lambda _: None), lambda _: None).finished
        (row,) = (row for row in Metrics(tmp_path / f"run-{together}" / "metrics.jsonl").rows() if "loss" in row)
        seen.append((float(row["loss"]), float(row["norm"])))
    assert seen[0] == pytest.approx(seen[1], rel=1e-5)
