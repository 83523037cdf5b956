"""Writes golden_preferences.json: what TRL's DPOTrainer makes of made-up log-probabilities. Needs TRL 1.16.

Run: python tests/align/make_golden_preferences.py (with benchmarks/requirements-trl.txt, from the repository's root)
"""

import json
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

sys.path[:0] = [".", "tests/align"]

LENGTHS = [(3, 5), (4, 4), (1, 6), (6, 2)]
CASES = {
    "dpo 0.1": {"loss_type": "sigmoid", "beta": 0.1},
    "dpo 0.7": {"loss_type": "sigmoid", "beta": 0.7},
    "ipo 0.1": {"loss_type": "ipo", "beta": 0.1},
    "ipo 0.5": {"loss_type": "ipo", "beta": 0.5},
    "smoothed 0.7 0.2": {"loss_type": "aot", "beta": 0.7, "label_smoothing": 0.2},  # of a single pair: the same formula
}


def main() -> None:
    rng = np.random.default_rng(0)
    longest = max(map(max, LENGTHS))
    mask = torch.tensor([[n < pair[side] for n in range(longest)] for side in (0, 1) for pair in LENGTHS])
    log_p = torch.tensor(-rng.gamma(1.0, 2.0, mask.shape).round(3), dtype=torch.float64) * mask
    reference = (torch.tensor(-rng.gamma(1.0, 2.0, mask.shape).round(3), dtype=torch.float64) * mask).sum(1)
    cases = {name: values(settings, log_p, mask, reference) for name, settings in CASES.items()}
    content = {"lengths": LENGTHS, "log_p": log_p.tolist(), "reference": reference.tolist(), "cases": cases}
    Path("tests/align/golden_preferences.json").write_text(json.dumps(content) + "\n", encoding="utf-8")


def values(settings: dict[str, Any], log_p: torch.Tensor, mask: torch.Tensor, reference: torch.Tensor) -> Any:
    """The loss of each pair, and its gradient by each token's log-probability, chosen replies first."""
    from small_base import END, base

    from benchmarks.trl_dpo import dpo_trainer
    from openbook.align.groups import Group

    with tempfile.TemporaryDirectory() as place:
        one = Group(np.array([1]), (np.array([2]), np.array([3])))
        trainer = dpo_trainer(base(Path(place)), [one], END, Path(place) / "out", **settings)
    trainer.precompute_ref_logps = True
    losses, slopes = [], torch.zeros_like(log_p)
    for pair in range(len(LENGTHS)):
        rows = [pair, pair + len(LENGTHS)]
        leaf = log_p[rows].clone().requires_grad_()
        blank = torch.zeros_like(leaf)
        out = SimpleNamespace(log_probs=leaf, entropy=blank, mean_logits=blank, is_top1=blank.bool())
        shown = torch.cat([torch.zeros(2, 1, dtype=torch.bool), mask[rows]], dim=1).long()  # a prompt of one token
        inputs = {
            "input_ids": torch.zeros_like(shown), "attention_mask": shown, "completion_mask": shown,
            "ref_chosen_logps": reference[rows[:1]], "ref_rejected_logps": reference[rows[1:]],
        }  # fmt: skip
        loss = trainer._compute_loss(lambda out=out, **_: out, inputs, False)
        loss.backward()
        losses.append(float(loss.detach()))
        slopes[rows] = leaf.grad
    return {"losses": losses, "slopes": slopes.tolist()}


if __name__ == "__main__":
    main()
