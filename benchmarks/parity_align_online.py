"""Does GRPO here do what TRL's GRPOTrainer does? The loss and all gradients on the same weights and replies.

A Llama-shaped model of 20,000 numbers, away from its reference and from what drew the replies, which are of unequal
lengths; TRL's own loss runs its own forward passes. PPO, which TRL no longer carries, is a case worked out by hand in
tests/align/test_online_losses.py. Writes evidence/parity_align_online.json.
Run: python -m benchmarks.parity_align_online (with benchmarks/requirements-trl.txt)
"""

import copy
import logging
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.beside_trl import parity
from benchmarks.differences import Found, by_name, largest, together
from benchmarks.parity_align_preferences import END, PIECES, base, opened
from benchmarks.publish import publish
from benchmarks.trl_grpo import grpo_trainer
from openbook.align.advantages import in_group
from openbook.align.groups import Group
from openbook.align.grpo import Clip, losses, shares

PROMPTS, REPLIES, MOST = 4, 3, 16


def groups() -> list[Group]:
    rng = np.random.default_rng(1)

    def some(least: int, most: int) -> Any:
        return rng.integers(1, len(PIECES), size=rng.integers(least, most))

    return [Group(some(3, 20), tuple(some(1, MOST) for _ in range(REPLIES))) for _ in range(PROMPTS)]


def side_by_side(drawn: list[Group], end: int) -> dict[str, Tensor]:
    """The groups as the trainer has them: prompts filled up on the left, replies on the right."""
    rows = [(group.prompt, reply) for group in drawn for reply in group.replies]
    widths = [max(len(row[side]) for row in rows) for side in (0, 1)]
    found: dict[str, Tensor] = {}
    for side, (name, left) in enumerate((("prompt", True), ("completion", False))):
        ids = torch.full((len(rows), widths[side]), end)
        mask = torch.zeros_like(ids)
        for number, row in enumerate(rows):
            text = torch.as_tensor(row[side])
            where = slice(widths[side] - len(text), None) if left else slice(0, len(text))
            ids[number, where], mask[number, where] = text, 1
        found |= {f"{name}_ids": ids, f"{name}_mask": mask}
    return found


def moved(folder: Path, to: Path, seed: int, by: float) -> Path:
    """The model with noise on every weight."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * by)
    model.save_pretrained(to)
    return to


def gradients(place: Path, how: Any, clip: Clip, beta: float, theirs: Mapping[str, Any]) -> Found:
    """The loss, and its gradient by every weight, at temperature 0.8."""
    folder, drawn = base(place), groups()
    now = moved(folder, place / "moved", 2, 0.02)
    before = moved(now, place / "old", 3, 0.01)
    weighted = bool(theirs.get("use_bias_correction_kl"))
    policy = opened(now)
    with torch.no_grad():
        old, reference = (opened(where).scored(drawn, 0.8).log_p for where in (before, folder))
    rewards = np.random.default_rng(3).normal(size=(PROMPTS, REPLIES))
    advantages = torch.tensor(in_group(rewards, scaled=True).values.reshape(-1, 1), dtype=torch.float32)
    found = policy.scored(drawn, 0.8)
    by_token = losses(found.log_p, old, advantages, clip, reference if beta else None, beta, weighted=weighted)
    loss = (by_token * shares(found.mask, how, MOST)).sum()
    loss.backward()
    mine = {name: parameter.grad for name, parameter in policy.model.named_parameters()}

    trainer = grpo_trainer(
        folder, ["a"] * REPLIES, lambda **_: [0.0] * REPLIES, END, place / "trl", num_generations=REPLIES,
        per_device_train_batch_size=REPLIES, max_completion_length=MOST, beta=beta, temperature=0.8,
        epsilon=clip.low, epsilon_high=clip.high, **theirs,
    )  # fmt: skip
    trainer.current_gradient_accumulation_steps = 1
    with torch.no_grad():
        weights = type(trainer.model).from_pretrained(now).parameters()
        for parameter, other in zip(trainer.model.parameters(), weights, strict=True):
            parameter.copy_(other)
    trainer.model.train()
    inputs = {**side_by_side(drawn, policy.end), "old_per_token_logps": old, "ref_per_token_logps": reference}
    their_loss = trainer._compute_loss(trainer.model, {**inputs, "advantages": advantages[:, 0]})  # noqa: SLF001
    their_loss.backward()
    slopes = copy.deepcopy(trainer.model)
    for one, other in zip(slopes.parameters(), trainer.model.parameters(), strict=True):
        one.data = other.grad
    slopes.save_pretrained(place / "slopes")
    expected = dict(opened(place / "slopes").model.named_parameters())
    return together([largest([(float(loss.detach()), float(their_loss.detach()))]), by_name(mine, expected)])


PLAIN, WIDE = Clip(0.2, 0.2), Clip(0.1, 0.3)
CHECKS: Mapping[tuple[str, str], Callable[[Path], Found]] = {
    ("GRPO, by sequence, β 0", "grpo"): partial(
        gradients, how="sequence", clip=PLAIN, beta=0.0, theirs={"loss_type": "grpo"}
    ),
    ("GRPO, by sequence, β 0.04", "grpo"): partial(
        gradients, how="sequence", clip=PLAIN, beta=0.04, theirs={"loss_type": "grpo"}
    ),
    ("GRPO, divergence weighted", "grpo, corrected KL"): partial(
        gradients, how="sequence", clip=PLAIN, beta=0.3, theirs={"loss_type": "grpo", "use_bias_correction_kl": True}
    ),
    ("GRPO, by token, clip 0.1 and 0.3", "bnpo"): partial(
        gradients, how="token", clip=WIDE, beta=0.04, theirs={"loss_type": "bnpo"}
    ),
    ("GRPO, constant length", "dr_grpo"): partial(
        gradients, how="constant", clip=PLAIN, beta=0.04, theirs={"loss_type": "dr_grpo"}
    ),
}  # fmt: skip


def main() -> None:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    note = (
        f"Largest absolute difference, FP32, of the loss and all gradients: {PROMPTS} prompts with {REPLIES} replies "
        "each, temperature 0.8, a policy away from its reference and from the one that drew."
    )
    figures, table = parity(CHECKS, "GRPO beside TRL", note)
    publish(
        "parity_align_online",
        figures,
        {"parity": table},
        data=[],
        code=["benchmarks/trl_grpo.py"],
        versions={name: metadata.version(name) for name in ("torch", "transformers", "trl")},
    )


if __name__ == "__main__":
    main()
