"""A run of diffusion before its first step: what its model says of itself, its weights, and their average."""

from copy import deepcopy
from typing import Any, cast

import torch

from openbook.diffusion.described import Described
from openbook.diffusion.learn.ema import decay_at, follow
from openbook.diffusion.learn.folder import made
from openbook.diffusion.learn.objective import Objective
from openbook.diffusion.learn.pictures import Pictures
from openbook.diffusion.learn.recipe import WORLD, DiffusionRecipe
from openbook.model import Decoder
from openbook.train import techniques
from openbook.train.group import Group
from openbook.train.optimise import make
from openbook.train.state import State


def describe(recipe: DiffusionRecipe, pictures: Pictures) -> Described:
    """What the run's model folder will say of itself."""
    texts = pictures.vectors
    return Described(
        size=recipe.data.size,
        channels=recipe.data.channels,
        diffusion=recipe.diffusion,
        classes=pictures.names if texts is None else (),
        tokens=0 if texts is None else texts.shape[1],
        text_width=0 if texts is None else texts.shape[2],
        world=texts is not None and recipe.data.pictures == WORLD,
        unet=recipe.unet,
        dit=recipe.dit,
    )


def begin(recipe: DiffusionRecipe, described: Described, group: Group) -> State:
    """The state before the first step; from now on the average follows every step of the optimiser."""
    torch.manual_seed(recipe.train.seed)  # pyright: ignore[reportUnknownMemberType]
    model = made(described)
    objective = Objective(model, deepcopy(model), recipe.diffusion.prediction, recipe.diffusion.weighting)
    objective.to(group.device).train()
    if recipe.train.compile == "whole":
        techniques.check_compiler(group.device)
        techniques.compile_whole(objective)
    optimisers = make(recipe.optimiser, objective)
    state = State(cast("Decoder", objective), objective, optimisers)

    def after(*_: Any) -> None:
        follow(objective.average, objective.model, decay_at(state.step + 1, recipe.diffusion.average))

    optimisers[-1].register_step_post_hook(after)
    return state
