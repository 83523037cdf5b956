"""Trained pair encoders on disk: the mean of what checkpoints hold, adapters merged, written whole, and read back."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from openbook.encode.pair_input import ROW_TOKENS
from openbook.heads.pair_encoder import PairEncoder
from openbook.model import Encoder
from openbook.model.config import EncoderConfig
from openbook.train import checkpoint, lora
from openbook.train.whole import whole_folder

WEIGHTS = "pair.safetensors"


def take_mean(checkpoints: Path, model: PairEncoder, count: int) -> PairEncoder:
    """Give the model the mean of its last ``count`` checkpoints' weights (Izmailov et al. 2018), adapters merged."""
    places = sorted(checkpoints.glob("step-*"))[-count:]
    _set_mean(model, [checkpoint.load_tensors(place / "weights.safetensors") for place in places])
    if lora.layers_of(model):
        lora.merge(model, keep=False)
    return model.cpu()


def write_mean(target: Path, models: Sequence[PairEncoder]) -> None:
    """The mean of the weights that several runs came to (model soups: Wortsman et al. 2022), whole or not at all.

    models: of one shape, without adapters; the first is given that mean.
    """
    _set_mean(models[0], [dict(model.named_parameters()) for model in models])
    write(target, models[0])


def _set_mean(model: PairEncoder, weights: Sequence[Mapping[str, Tensor]]) -> None:
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.stack([each[name] for each in weights]).mean(0))


def write(target: Path, model: PairEncoder) -> None:
    """The trained weights, of a model without adapters, whole or not at all."""
    with whole_folder(target) as scratch:
        checkpoint.save_tensors(scratch / WEIGHTS, dict(model.named_parameters()))
        config = model.encoder.config
        said = {
            "format": 1,
            "heads": config.heads,
            "epsilon": config.epsilon,
            "window": min(ROW_TOKENS, config.context),
        }
        (scratch / "pair.json").write_text(json.dumps(said) + "\n")


def read(folder: Path) -> PairEncoder:
    """The model that ``write`` wrote, in evaluation mode. Raises OpenbookError where there is none."""
    tensors = checkpoint.load_tensors(folder / WEIGHTS)
    said = json.loads((folder / "pair.json").read_text(encoding="utf-8"))
    vocabulary, width = tensors["encoder.embedding.weight"].shape
    layers = 1 + max(int(name.split(".")[2]) for name in tensors if name.startswith("encoder.blocks."))
    inner = tensors["encoder.blocks.0.feed_forward.up.weight"].shape[0]
    context = tensors["encoder.position.weight"].shape[0]
    config = EncoderConfig(vocabulary, width, layers, said["heads"], inner, context, epsilon=said["epsilon"])
    model = PairEncoder(Encoder(config))
    model.load_state_dict(tensors)
    return model.eval()
