"""LoRA in one small model here and in PEFT: trained by three steps, read, written and merged, for each kind of target.

Three steps of AdamW; outputs are logits, or hidden states where there are none.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from benchmarks.differences import Found, by_name, largest, together, unless_impossible
from benchmarks.lora_peers import ALPHA, RANK, TARGETS, Twins, adapted, outputs, shake, some_ids, their_outputs, twins
from openbook.model import checkpoint
from openbook.train import lora, peft_format
from openbook.train.lora_targets import LoraConfig
from openbook.train.peft_files import WEIGHTS

SHARED = ("embed_tokens", "wte")
"""Tables that the output layer shares in these models: merging would change both, so it is refused here."""

STEPS, RATE, DECAY = 3, 3e-3, 0.1
Cells = dict[str, Found | None]


def compare() -> dict[tuple[str, str], Cells]:
    """By family and target, what each check found, None where it could not run; a check that is refused is left out."""
    found: dict[tuple[str, str], Cells] = {}
    for family, targets in TARGETS.items():
        pair = unless_impossible(partial(twins, family))
        for target in targets:
            checks = {name: check for name, check in CHECKS.items() if name != "merged" or target not in SHARED}
            found[family, target] = {
                name: None if pair is None else unless_impossible(partial(check, pair, target))
                for name, check in checks.items()
            }
    return found


def trained(pair: Twins, target: str, place: Path, *, stabilised: bool) -> Found:
    """The adapters' weights after three steps of AdamW from the same start."""
    ours, theirs = deepcopy(pair.ours), adapted(deepcopy(pair.theirs), target, stabilised=stabilised)
    theirs.save_pretrained(place / "start")
    peft_format.load(place / "start", ours)
    _three_steps(ours.train(), lambda ids: outputs(ours, ids))
    _three_steps(theirs.train(), lambda ids: their_outputs(theirs, ids))
    theirs.save_pretrained(place / "theirs")
    peft_format.save(place / "ours", ours)
    begun, mine, other = (_matrices(place / name) for name in ("start", "ours", "theirs"))
    if by_name(mine, begun).difference < RATE:
        raise RuntimeError(f"{target}: nothing was learnt that could differ")
    return by_name(mine, other)


def _matrices(folder: Path) -> dict[str, Tensor]:
    """An adapter's file without the embedding that PEFT saves beside its own."""
    return {name: tensor for name, tensor in load_file(folder / WEIGHTS).items() if "base_layer" not in name}


def read(pair: Twins, target: str, place: Path) -> Found:
    """Outputs with an adapter that PEFT wrote, with either scale."""
    parts: list[Found] = []
    for stabilised in (False, True):
        ours, theirs = deepcopy(pair.ours), adapted(deepcopy(pair.theirs), target, stabilised=stabilised)
        shake(theirs)
        theirs.save_pretrained(place / str(stabilised))
        peft_format.load(place / str(stabilised), ours)
        parts.append(_outputs_of_both(ours, theirs))
    return together(parts)


def written(pair: Twins, target: str, place: Path) -> Found:
    """Outputs with an adapter that PEFT reads as we wrote it, with either scale."""
    from peft import PeftModel

    parts: list[Found] = []
    for stabilised in (False, True):
        ours = deepcopy(pair.ours)
        lora.add(ours, LoraConfig(RANK, ALPHA, targets=(target,), rank_stabilised=stabilised))
        shake(ours)
        peft_format.save(place / str(stabilised), ours)
        theirs = PeftModel.from_pretrained(deepcopy(pair.theirs), place / str(stabilised))
        parts.append(_outputs_of_both(ours, theirs))
    return together(parts)


def merged(pair: Twins, target: str, place: Path) -> Found:
    """Every weight of the model once the adapter is merged into it, with either scale."""
    from benchmarks.parity_models import read_back

    parts: list[Found] = []
    for stabilised in (False, True):
        ours, theirs = deepcopy(pair.ours), adapted(deepcopy(pair.theirs), target, stabilised=stabilised)
        shake(theirs)
        theirs.save_pretrained(place / f"adapter-{stabilised}")
        peft_format.load(place / f"adapter-{stabilised}", ours)
        lora.merge(ours, keep=False)
        checkpoint.save(place / f"model-{stabilised}", ours)
        parts.append(
            by_name(read_back(place / f"model-{stabilised}").state_dict(), theirs.merge_and_unload().state_dict())
        )
    return together(parts)


def _three_steps(model: nn.Module, out: Callable[[Tensor], Tensor]) -> None:
    """On the loss of the next token where there are logits, else on some smooth function of the hidden states."""
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=RATE, weight_decay=DECAY)
    for step in range(STEPS):
        ids = some_ids(step)
        found = out(ids)
        if found.shape[1] == ids.shape[1]:
            loss = nn.functional.cross_entropy(found[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
        else:
            loss = (found.sin() * torch.linspace(-1, 1, found.shape[-1])).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


@torch.no_grad()
def _outputs_of_both(ours: Any, theirs: Any) -> Found:
    return largest([(outputs(ours.eval(), some_ids(9)), their_outputs(theirs.eval(), some_ids(9)))])


CHECKS: Mapping[str, Callable[[Twins, str, Path], Found]] = {
    "trained": partial(trained, stabilised=False),
    "rank-stabilised": partial(trained, stabilised=True),
    "read": read,
    "written": written,
    "merged": merged,
}
