"""Does a reward model here learn what TRL's RewardTrainer learns? Its loss, and the gradients of every weight.

TRL's own loss on transformers' LlamaForSequenceClassification, on the same weights and pairs; ours reads each prompt
once for both replies. Writes evidence/parity_align_reward.json. Run: python -m benchmarks.parity_align_reward (with
benchmarks/requirements-trl.txt). With --golden it writes instead what the tests carry of TRL's loss.
"""

import json
import logging
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.data import ROOT
from benchmarks.differences import Found, by_name, largest, shown, together, unless_impossible
from benchmarks.publish import publish
from openbook.align.bradley_terry import bradley_terry
from openbook.align.groups import Group
from openbook.align.reward_head import new_head, raw_rewards
from openbook.model import Decoder, DecoderConfig
from openbook.model import checkpoint as model_folder
from openbook.report.record import Figure
from openbook.report.tables import Column, Table
from openbook.train.attention_layout import laid_out

GOLDEN = ROOT / "tests" / "align" / "golden_reward.json"
PIECES, PAIRS = 50, 12
PADDING = PIECES - 1


def theirs(rewards: Callable[[], Tensor], margin: float, centre: float) -> Tensor:
    """RewardTrainer.compute_loss on a model that gives these rewards, the chosen half first."""
    from trl.trainer.reward_trainer import RewardTrainer

    def as_it_is(found: Tensor) -> Tensor:
        return found

    trainer = SimpleNamespace(
        model=SimpleNamespace(training=False),
        args=SimpleNamespace(center_rewards_coefficient=centre or None),
        accelerator=SimpleNamespace(gather=as_it_is, gather_for_metrics=as_it_is),
        _total_train_tokens=0,
        _metrics={"train": defaultdict(list), "eval": defaultdict(list)},
    )
    inputs: dict[str, Any] = {"margin": torch.tensor(margin, dtype=torch.float64)} if margin else {}

    def model(**_: Any) -> Any:
        return SimpleNamespace(logits=rewards()[:, None])

    found: Tensor = RewardTrainer.compute_loss(trainer, model, inputs)
    return found


def pairs() -> list[Group]:
    rng = np.random.default_rng(1)
    sizes = rng.integers(1, 12, size=(PAIRS, 3))
    return [
        Group(rng.integers(PADDING, size=size[0]), tuple(rng.integers(PADDING, size=n) for n in size[1:]))
        for size in sizes
    ]


def small() -> tuple[Decoder, nn.Linear]:
    torch.manual_seed(0)
    model = Decoder(DecoderConfig(PIECES, 32, 2, 4, 64, 64, key_value_heads=2)).eval()
    for parameter in model.parameters():  # so that rewards differ by more than rounding
        torch.nn.init.normal_(parameter, std=0.2) if parameter.ndim > 1 else None
    return model, new_head(model)


def compared(place: Path, margin: float, centre: float) -> Found:
    """Our loss and gradients in one row, theirs in a padded batch of whole texts."""
    from transformers import AutoModelForSequenceClassification

    ours, head = small()
    model_folder.save(place / "model", ours)
    peer = AutoModelForSequenceClassification.from_pretrained(place / "model", num_labels=1, pad_token_id=PADDING)
    peer.score.weight.data = head.weight.data.clone()
    groups = pairs()
    texts = [[*group.prompt, *group.replies[which]] for which in (0, 1) for group in groups]
    ids = torch.full((len(texts), max(map(len, texts))), PADDING)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
    other = theirs(lambda: peer.eval()(ids, attention_mask=(ids != PADDING).long()).logits[:, 0], margin, centre)
    other.backward()
    worth = raw_rewards(ours, laid_out(ours), head, groups).view(-1, 2)
    loss = bradley_terry(worth[:, 0], worth[:, 1], margin, centre).mean()
    loss.backward()
    slopes, peer_slopes = (_slopes(model) for model in (nn.ModuleDict({"model": ours, "score": head}), peer))
    return together([largest([(loss, other)]), by_name(_renamed(place, slopes, peer), peer_slopes)])


def _slopes(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.grad for name, tensor in model.named_parameters() if tensor.grad is not None}


def _renamed(place: Path, ours: Mapping[str, Tensor], peer: Any) -> dict[str, Tensor]:
    """Our gradients under transformers' names: written and read as a checkpoint would be."""
    model, _ = model_folder.load(place / "model")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(ours[f"model.{name}"]) if f"model.{name}" in ours else parameter.zero_()
    model_folder.save(place / "slopes", model)
    read = type(peer).from_pretrained(place / "slopes", num_labels=1)
    found = {name: tensor.detach() for name, tensor in read.named_parameters() if name != "score.weight"}
    return found | {"score.weight": ours["score.weight"]}


CHECKS: Mapping[str, Callable[[Path], Found]] = {
    "loss and gradients": partial(compared, margin=0.0, centre=0.0),
    "with a margin of 0.5": partial(compared, margin=0.5, centre=0.0),
    "centred by 0.01": partial(compared, margin=0.0, centre=0.01),
    "both": partial(compared, margin=0.5, centre=0.01),
}


def golden() -> None:
    """TRL's loss and its gradients by the rewards, for the tests, which cannot import it."""
    rng = np.random.default_rng(0)
    cases: list[dict[str, Any]] = []
    for margin, centre in ((0.0, 0.0), (0.7, 0.0), (0.0, 0.01), (1.5, 0.3)):
        rewards = torch.tensor(rng.normal(0, 2, size=(2, 6)), requires_grad=True)
        loss = theirs(partial(rewards.flatten), margin, centre)
        loss.backward()
        assert rewards.grad is not None
        cases.append(
            {
                "margin": margin,
                "centre": centre,
                "chosen": rewards[0].tolist(),
                "rejected": rewards[1].tolist(),
                "loss": loss.item(),
                "chosen_grad": rewards.grad[0].tolist(),
                "rejected_grad": rewards.grad[1].tolist(),
            }
        )
    content = {"made_by": "python -m benchmarks.parity_align_reward --golden", "trl": metadata.version("trl")}
    GOLDEN.write_text(json.dumps(content | {"cases": cases}, indent=1) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    if "--golden" in arguments:
        golden()
        return
    found = {what: unless_impossible(check) for what, check in CHECKS.items()}
    figures = [
        Figure(what, each.difference, n=each.compared, text=shown(each))
        for what, each in found.items()
        if each is not None
    ]
    rows = tuple((what, "–" if each is None else f"{each.compared:,}", shown(each)) for what, each in found.items())
    heads = (Column("Bradley-Terry loss, all weights"), Column("numbers", "right"), Column("difference", "right"))
    note = f"Largest absolute difference from TRL's RewardTrainer, FP32; {PAIRS} pairs of unequal lengths."
    publish(
        "parity_align_reward",
        figures,
        {"parity": Table("A reward model beside TRL", heads, rows, note)},
        data=[],
        code=["src/openbook/align", "src/openbook/model"],
        versions={name: metadata.version(name) for name in ("torch", "transformers", "trl")},
        **({"folder": None} if "--dry" in arguments else {}),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
