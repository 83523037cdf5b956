"""The pair encoder before it has learnt anything: new heads on the base, with the loss that the loop calls."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import torch
from torch import Tensor, nn

from openbook.compress.recipe import read_recipe
from openbook.compress.source import fetch
from openbook.heads.pair_batches import PairRows
from openbook.heads.pair_encoder import PairEncoder
from openbook.heads.pair_loss import PairTargets, pair_loss
from openbook.heads.pair_recipe import PairRecipe
from openbook.model import Encoder
from openbook.model import checkpoint as model_folder
from openbook.train import lora
from openbook.train.optimise import make
from openbook.train.problems import TrainProblem
from openbook.train.state import State

DROPOUT = 0.1
"""Of activations, as BERT is fine-tuned (Devlin et al. 2018, appendix A.3). Not of attention weights: drawing so many
random numbers was a quarter of a step on a CPU.
"""


class PairObjective(nn.Module):
    """The model with its loss, as the loop calls it."""

    def __init__(self, model: PairEncoder, recipe: PairRecipe) -> None:
        super().__init__()
        self.model = model
        self.weights = recipe.no_answer, recipe.relevance

    def forward(self, rows: PairRows, targets: PairTargets) -> Tensor:
        """The summed loss of a batch."""
        return pair_loss(self.model(rows.ids, rows.kinds, rows.present, rows.passage), targets, *self.weights)


def begin(recipe: PairRecipe, device: torch.device) -> State:
    """The untrained heads on the base."""
    torch.manual_seed(recipe.train.seed)  # pyright: ignore[reportUnknownMemberType]
    model = PairEncoder(base_encoder(recipe.start))
    if recipe.lora is not None:
        lora.add(model, recipe.lora)
        for layer in (model.span, model.pair, model.decide):
            layer.requires_grad_(requires_grad=True)
    elif recipe.frozen_words:
        model.encoder.embedding.requires_grad_(requires_grad=False)
    objective = PairObjective(model.to(device), recipe)
    objective.train()
    return State(cast("Any", model), objective, make(recipe.optimiser, model))


def base_encoder(start: Path) -> Encoder:
    """From a model folder, or from the originals that a shipped embedder's recipe names."""
    if start.suffix == ".toml":
        with TemporaryDirectory() as name:
            for file, content in fetch(read_recipe(start).source).items():
                (Path(name) / file).write_bytes(content)
            return base_encoder(Path(name))
    model, _ = model_folder.load(start, dtype=torch.float32)
    if not isinstance(model, Encoder):
        raise TrainProblem(f"{start} holds no encoder: set base to a BERT-shaped model's folder")
    config = replace(model.config, pooler=False, dropout=DROPOUT)  # the heads read the first token themselves
    encoder = Encoder(config)
    for block in encoder.blocks:
        cast("Any", block).attention.dropout = 0.0
    encoder.load_state_dict({name: t for name, t in model.state_dict().items() if not name.startswith("pooler.")})
    return encoder
