"""Writes golden_online.json: what TRL's GRPOTrainer makes of made-up log-probabilities. Needs TRL 1.16.

Run: python tests/align/make_golden_online.py (with benchmarks/requirements-trl.txt, from the repository's root)
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path[:0] = [".", "tests/align"]

LENGTHS = [5, 1, 4, 6, 2, 6]
MOST = 8
CASES = {
    "plain": {"loss_type": "grpo", "beta": 0.0},
    "with k3": {"loss_type": "grpo", "beta": 0.3},
    "with k3, weighted": {"loss_type": "grpo", "beta": 0.3, "use_bias_correction_kl": True},
    "asymmetric clip": {"loss_type": "grpo", "beta": 0.04, "epsilon": 0.1, "epsilon_high": 0.4},
    "by token": {"loss_type": "bnpo", "beta": 0.04, "epsilon_high": 0.28},
    "constant": {"loss_type": "dr_grpo", "beta": 0.04},
}


def main() -> None:
    rng = np.random.default_rng(0)
    mask = torch.tensor([[n < length for n in range(max(LENGTHS))] for length in LENGTHS])
    log_p, old, reference = (torch.tensor(-rng.gamma(1.0, 1.0, mask.shape).round(3)) * mask for _ in range(3))
    old = (log_p + 0.4 * (old - log_p)).round(decimals=4)  # so that some ratios are clipped and some are not
    advantages = torch.tensor(rng.normal(size=len(LENGTHS)).round(3))
    inputs = {"old_per_token_logps": old, "ref_per_token_logps": reference, "advantages": advantages}
    content = {
        "lengths": LENGTHS, "most": MOST, "log_p": log_p.tolist(), "old": old.tolist(),
        "reference": reference.tolist(), "advantages": advantages.tolist(),
        "cases": {name: {"settings": s, **values(s, log_p, mask, inputs)} for name, s in CASES.items()},
    }  # fmt: skip
    Path("tests/align/golden_online.json").write_text(json.dumps(content) + "\n", encoding="utf-8")


def values(settings: dict[str, Any], log_p: torch.Tensor, mask: torch.Tensor, inputs: dict[str, torch.Tensor]) -> Any:
    """The loss, and its gradient by each token's log-probability."""
    from small_base import END, base

    from benchmarks.trl_grpo import grpo_trainer

    with tempfile.TemporaryDirectory() as place:
        trainer = grpo_trainer(
            base(Path(place) / "base"), ["1"] * 2, lambda **_: [0.0, 0.0], END, Path(place), num_generations=2,
            per_device_train_batch_size=2, max_completion_length=MOST, **settings,
        )  # fmt: skip
    trainer.current_gradient_accumulation_steps = 1
    leaf = log_p.clone().requires_grad_()
    trainer._get_per_token_logps_and_entropies = lambda *_, **__: (leaf, torch.zeros_like(leaf), None)
    one = torch.ones(len(mask), 1, dtype=torch.long)
    ids = mask.long()
    given = {"prompt_ids": one, "prompt_mask": one, "completion_ids": ids, "completion_mask": ids, **inputs}
    loss = trainer._compute_loss(trainer.model, given)
    loss.backward()
    return {"loss": float(loss.detach()), "slopes": leaf.grad.tolist()}


if __name__ == "__main__":
    main()
