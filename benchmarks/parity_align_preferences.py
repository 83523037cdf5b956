"""Do DPO and IPO here do what TRL's DPOTrainer does? Losses, gradients and whole steps on the same weights and pairs.

A Llama-shaped model of 20,000 numbers, pairs of random tokens of unequal lengths, a policy moved away from its
reference. Writes evidence/parity_align_preferences.json. Run: python -m benchmarks.parity_align_preferences
(with benchmarks/requirements-trl.txt)
"""

import copy
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.beside_trl import parity
from benchmarks.differences import Found, by_name, largest, together
from benchmarks.publish import publish
from benchmarks.trl_dpo import dpo_trainer
from openbook import tokens
from openbook.align import pairs_run
from openbook.align.dpo_recipe import Dpo, DpoRecipe, PairData
from openbook.align.groups import Group
from openbook.align.policy import Policy
from openbook.model import Decoder, DecoderConfig, checkpoint
from openbook.train import peft_format
from openbook.train.characters import tokenizer_json
from openbook.train.finetune_recipe import Base
from openbook.train.recipe import Out

END = "<|endoftext|>"
PIECES = "abcdefghijklmnopqrstuvwxyz0123456789"
PAIRS, STEPS, BATCH, RATE = 12, 6, 4, 1e-2
RANK = 4


def base(place: Path) -> Path:
    torch.manual_seed(0)
    model = Decoder(DecoderConfig(len(PIECES) + 2, 32, 2, 4, 64, 96, key_value_heads=2))
    for parameter in model.parameters():  # so that replies differ by more than rounding
        torch.nn.init.normal_(parameter, std=0.2) if parameter.ndim > 1 else None
    checkpoint.save(place / "base", model)
    (place / "base" / "tokenizer.json").write_text(tokenizer_json(PIECES, [END]), encoding="utf-8")
    return place / "base"


def pairs(*, equal: int = 0) -> list[Group]:
    """equal: tokens of every reply; 0: of unequal lengths."""
    rng = np.random.default_rng(1)

    def some(least: int, most: int) -> Any:
        return rng.integers(1, len(PIECES), size=equal if equal and least == 1 else rng.integers(least, most))

    return [Group(some(3, 20), (some(1, 15), some(1, 15))) for _ in range(PAIRS)]


def opened(folder: Path, adapter: Path | None = None) -> Policy:
    model = checkpoint.load(folder, dtype=torch.float32)[0]
    assert isinstance(model, Decoder)
    tokenizer = tokens.load(folder.parent / "base" / "tokenizer.json")
    if adapter is not None:
        peft_format.load(adapter, model)
    return Policy(model.eval(), tokenizer, tokenizer.id_of(END), adapted=adapter is not None)


def recipe(place: Path, dpo: Dpo) -> DpoRecipe:
    return DpoRecipe(base=Base("base"), out=Out(str(place)), data=PairData("pairs"), dpo=dpo)


def gradients(
    place: Path, dpo: Dpo, theirs: Mapping[str, Any], groups: Sequence[Group], *, at_once: int = PAIRS, scale: float = 1
) -> Found:
    """The mean loss, and its gradient by every weight, of a policy away from its reference. scale: ours over theirs."""
    folder = base(place)
    trainer = dpo_trainer(folder, groups, END, place / "trl", **theirs)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in trainer.model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.02)
    trainer.model.save_pretrained(place / "moved")
    trainer.model.train()
    total = 0.0
    for start in range(0, len(groups), at_once):
        rows = [trainer.train_dataset[n] for n in range(start, start + at_once)]
        loss = trainer.compute_loss(trainer.model, trainer.data_collator(rows)) * (scale * at_once / len(groups))
        loss.backward()
        total += float(loss.detach())
    slopes = copy.deepcopy(trainer.model)
    for mine, other in zip(slopes.parameters(), trainer.model.parameters(), strict=True):
        mine.data = other.grad
    slopes.save_pretrained(place / "slopes")
    expected = dict(opened(place / "slopes").model.named_parameters())
    policy = opened(place / "moved")
    reference = pairs_run.sums(opened(folder), groups, 10**6)
    ours = sum(_backward(part) for part in pairs_run.losses(recipe(place, dpo), policy, groups, reference, []))
    found = {name: parameter.grad for name, parameter in policy.model.named_parameters()}
    return together([largest([(ours, total)]), by_name(found, expected)])


def _backward(loss: Any) -> float:
    loss.backward()
    return float(loss.detach())


def steps(place: Path, *, adapted: bool) -> Found:
    """All weights, or the adapter's, after some steps of AdamW from the same start."""
    from peft import LoraConfig

    folder, groups = base(place), pairs()
    more: dict[str, Any] = {"adapter": LoraConfig(r=RANK, lora_alpha=8, target_modules="all-linear")} if adapted else {}
    trainer = dpo_trainer(
        folder, groups, END, place / "trl", max_steps=STEPS, per_device_train_batch_size=BATCH, learning_rate=RATE,
        adam_beta2=0.95, weight_decay=0.0, max_grad_norm=1.0, **more,
    )  # fmt: skip
    trainer.model.save_pretrained(place / "start")
    policy = opened(folder, place / "start" if adapted else None)
    settings = recipe(place, Dpo())
    reference = pairs_run.sums(policy, groups, 10**6)
    learning = [parameter for parameter in policy.model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(learning, lr=RATE, betas=(0.9, 0.95), weight_decay=0.0)
    for step in range(STEPS):
        numbers = [(step * BATCH + n) % PAIRS for n in range(BATCH)]
        chosen = [groups[n] for n in numbers]
        for loss in pairs_run.losses(settings, policy, chosen, reference[numbers], []):
            loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimiser.step()
        optimiser.zero_grad()
    trainer.train()
    trainer.model.save_pretrained(place / "theirs")
    expected = opened(folder, place / "theirs") if adapted else opened(place / "theirs")
    start = opened(folder, place / "start") if adapted else opened(folder)
    moved = by_name(dict(policy.model.named_parameters()), dict(start.model.named_parameters()))
    if moved.difference < RATE:
        raise RuntimeError("nothing was learnt that could differ")
    return by_name(dict(policy.model.named_parameters()), dict(expected.model.named_parameters()))


def per_loss(dpo: Dpo, kind: str, *, equal: int = 0, **more: Any) -> Callable[[Path], Found]:
    settings = {"loss_type": kind, "beta": more.pop("their_beta", dpo.beta)}
    if dpo.smoothing:
        settings["label_smoothing"] = dpo.smoothing
    return lambda place: gradients(place, dpo, settings, pairs(equal=equal), **more)


LENGTH = 7
CHECKS: Mapping[tuple[str, str], Callable[[Path], Found]] = {
    ("DPO, β 0.1: loss, gradients", "sigmoid"): per_loss(Dpo(), "sigmoid"),
    ("DPO, β 0.5: loss, gradients", "sigmoid"): per_loss(Dpo(beta=0.5), "sigmoid"),
    ("DPO, ε 0.2: loss, gradients", "aot, a pair at a time"): per_loss(Dpo(smoothing=0.2), "aot", at_once=1),
    ("IPO a token: loss, gradients", "ipo"): per_loss(Dpo("ipo", per_token=True), "ipo"),
    ("IPO of sums: loss, gradients", f"ipo · {LENGTH}², equal lengths"): per_loss(
        Dpo("ipo", beta=1 / LENGTH), "ipo", equal=LENGTH, their_beta=1.0, scale=LENGTH**2
    ),
    (f"DPO: after {STEPS} steps", "DPOTrainer.train"): partial(steps, adapted=False),
    (f"DPO, LoRA: after {STEPS} steps", "DPOTrainer.train, PEFT"): partial(steps, adapted=True),
}


def main() -> None:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    note = (
        f"Largest absolute difference, FP32, of the loss and all gradients, or of all weights after steps of AdamW; "
        f"{PAIRS} pairs. TRL has no conservative DPO; "
        "its aot of a single pair is the same formula."
    )
    figures, table = parity(CHECKS, "Learning from pairs beside TRL", note)
    publish(
        "parity_align_preferences",
        figures,
        {"parity": table},
        data=[],
        code=["benchmarks/trl_dpo.py"],
        versions={name: metadata.version(name) for name in ("torch", "transformers", "trl", "peft")},
    )


if __name__ == "__main__":
    main()
