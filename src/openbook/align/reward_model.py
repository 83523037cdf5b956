"""A reward model on disk, and as what a policy's replies are worth.

Its folder is a decoder's, or an adapter's, with ``head.safetensors`` and ``reward.json`` beside it.

reward.json: {"format": 1, "mean", "end", "tokenizer"}, the last the digest of the tokenizer whose tokens it learnt
from. An adapter's folder names its base, which holds the tokenizer.
"""

import json
import math
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import safetensors.torch as untyped
import torch
from safetensors import SafetensorError
from torch import nn

from openbook import tokens
from openbook.align.problems import AlignProblem
from openbook.align.reward_head import RewardModel, rewards
from openbook.align.task import Reward, Rewards, Rollout
from openbook.model import Decoder
from openbook.model import checkpoint as model_folder
from openbook.model.compressed import load_any
from openbook.model.inputs import check_vocabulary
from openbook.report.files import read_bounded
from openbook.tokens import Tokenizer
from openbook.train import lora, peft_format
from openbook.train.base_folder import base_folder, holds_model
from openbook.train.peft_files import CONFIG, read_config
from openbook.train.whole import whole_folder, write_whole

HEAD, ABOUT = "head.safetensors", "reward.json"
_WEIGHT = "head.weight"
_LARGEST = 10_000_000
_TRAIN = "train one with `openbook align reward`"
_AGAIN = "train it again with `openbook align reward`"
_files: Any = untyped


def save(folder: Path, scorer: RewardModel, base: str = "") -> None:
    """The whole folder, or nothing of it. base: the base model's folder, where an adapter learnt."""
    with whole_folder(folder) as scratch:
        if lora.names(scorer.model):
            peft_format.save(scratch, scorer.model, base=base)
        else:
            model_folder.save(scratch, scorer.model)
            scorer.tokenizer.save(scratch / "tokenizer.json")
        write_head(scratch, scorer)


def write_head(folder: Path, scorer: RewardModel) -> None:
    """What a reward model has beside a decoder's or an adapter's files."""
    weight = scorer.head.weight.detach().float().cpu().contiguous()
    write_whole(folder / HEAD, cast("bytes", _files.save({_WEIGHT: weight})))
    about = {"format": 1, "mean": scorer.mean, "end": scorer.end, "tokenizer": digest(scorer.tokenizer)}
    write_whole(folder / ABOUT, (json.dumps(about, indent=1) + "\n").encode("utf-8"))


def load(folder: Path | str, device: torch.device | str = "cpu") -> RewardModel:
    """The reward model in a folder, in FP32, for scoring. Raises AlignProblem, BadCheckpoint or BadLora."""
    folder = Path(folder)
    if not (folder / ABOUT).is_file():
        if not folder.is_dir():
            raise AlignProblem(f"there is no folder {folder} of a reward model: check the path, or {_TRAIN}")
        raise AlignProblem(f"{folder} holds no reward model, as it has no {ABOUT}: {_TRAIN}, which writes one")
    mean, end, known = _about(folder / ABOUT)
    adapted = (folder / CONFIG).is_file()
    base = _base(folder) if adapted else folder
    model = load_any(base, dtype=torch.float32)
    if not isinstance(model, Decoder):
        raise AlignProblem(f"{base} holds no decoder, which a reward model is made of: {_AGAIN}")
    if adapted:
        peft_format.load(folder, model)
    tokenizer = tokens.load(base / "tokenizer.json")
    check_vocabulary(model.config, tokenizer.size)
    if digest(tokenizer) != known or end not in tokenizer:
        raise AlignProblem(f"{base / 'tokenizer.json'} is not the one that {folder} learnt with: put that one back")
    model.requires_grad_(requires_grad=False)
    return RewardModel(model.to(device).eval(), _head(folder / HEAD, model).to(device), tokenizer, end, mean)


def as_reward(scorer: RewardModel, tokenizer: Tokenizer) -> Reward:
    """The model as what a policy's replies are worth. tokenizer: the policy's.

    Raises AlignProblem unless both have the same tokenizer: the replies are scored as the tokens that were drawn, and
    no text is encoded again, which could cut it otherwise than the policy did.
    """
    if digest(tokenizer) != digest(scorer.tokenizer):
        raise AlignProblem(
            f"the reward model's tokenizer ({scorer.tokenizer.where}) is not the policy's ({tokenizer.where}): train "
            "the reward model from a base with the policy's tokenizer"
        )

    def reward(rollouts: Sequence[Rollout]) -> Rewards:
        found = rewards(scorer, [one.group for one in rollouts])
        return found.reshape(len(rollouts), -1)

    return reward


def digest(tokenizer: Tokenizer) -> str:
    """SHA-256 of the tokenizer's definition, whatever the order of its keys: equal for equal tokens."""
    return sha256(json.dumps(tokenizer.definition, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _about(path: Path) -> tuple[float, str, str]:
    try:
        found: Any = json.loads(read_bounded(path, _LARGEST))
        mean, end, known = float(found["mean"]), str(found["end"]), str(found["tokenizer"])
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        raise AlignProblem(f"{path} is not what a reward model writes: {_AGAIN}") from None
    if found.get("format") != 1 or not math.isfinite(mean):
        raise AlignProblem(f"{path} is of another format, or its mean is no number: {_AGAIN}")
    return mean, end, known


def _base(folder: Path) -> Path:
    named = read_config(folder).get("base_model_name_or_path")
    base = base_folder(named) if isinstance(named, str) and named else folder
    if not holds_model(base):
        raise AlignProblem(f"{folder} is an adapter for {base}, where there is no model: put its base there")
    return base


def _head(path: Path, model: Decoder) -> nn.Linear:
    """Raises AlignProblem unless the file holds one row of finite numbers as wide as the model."""
    try:
        if path.stat().st_size > _LARGEST:
            raise AlignProblem(f"{path} is too large for one row of weights: {_AGAIN}")
        weight = cast("dict[str, torch.Tensor]", _files.load_file(path)).get(_WEIGHT)
    except (OSError, SafetensorError):
        raise AlignProblem(f"{path} is missing or no whole safetensors file: {_AGAIN}") from None
    wanted = (1, model.config.width)
    if weight is None or tuple(weight.shape) != wanted or not bool(weight.float().isfinite().all()):
        raise AlignProblem(f"{path} does not hold {_WEIGHT} of {wanted[0]} by {wanted[1]} finite numbers: {_AGAIN}")
    head = nn.Linear(model.config.width, 1, bias=False)
    head.weight = nn.Parameter(weight.float(), requires_grad=False)
    return head
