"""The recipe that each method of ``openbook align`` takes: read for it, printed whole, or known to be another's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from openbook import recipes
from openbook.recipes.keys import fields, required, table_of
from openbook.train.finetune_recipe import FinetuneRecipe
from openbook.train.recipe import TrainRecipe

Method: TypeAlias = Literal["sft", "reward", "dpo", "rejection", "ppo", "grpo", "compare"]
METHODS: tuple[Method, ...] = get_args(Method)

R = TypeVar("R")


def kind_of(method: Method) -> type[Any]:
    """The class of its recipe; torch must be there."""
    from openbook.align import dpo_recipe, online_recipe, rejection, reward_recipe, sft_recipe
    from openbook.align.compare.recipe import CompareRecipe

    kinds: Mapping[Method, type[Any]] = {
        "sft": sft_recipe.SftRecipe,
        "reward": reward_recipe.RewardRecipe,
        "dpo": dpo_recipe.DpoRecipe,
        "rejection": rejection.RejectionRecipe,
        "ppo": online_recipe.PpoRecipe,
        "grpo": online_recipe.GrpoRecipe,
        "compare": CompareRecipe,
    }
    return kinds[method]


def read(path: Path, method: Method, kind: type[R], changes: Sequence[str]) -> R:
    """The method's recipe. Raises BadRecipe; a recipe whose tables are those of another method says whose it is."""
    new = f"openbook align new {method}"
    table = recipes.load(path, new)
    if not table.keys() <= fields(kind).keys() and (others := _whose(table)):
        *before, last = (f"`openbook {one}`" for one in others)
        whose = f"{', '.join(before)} or {last}" if before else last
        raise recipes.BadRecipe(f"{path} is a recipe for {whose}, and not for `openbook align {method}`")
    return recipes.read(path, kind, changes, new)


def _whose(table: Mapping[str, Any]) -> list[str]:
    """The commands whose recipes have these tables, and none else that must be given."""
    kinds = [(f"align {method}", kind_of(method)) for method in METHODS]
    kinds += [("train", FinetuneRecipe if "base" in table else TrainRecipe)]
    return [command for command, kind in kinds if set(required(kind)) <= table.keys() and _has(fields(kind), table)]


def _has(keys: Mapping[str, Any], table: Mapping[str, Any]) -> bool:
    """Whether these keys are known, the tables among them as tables."""
    return all(
        key in keys and isinstance(value, dict) == (table_of(keys[key]) is not None) for key, value in table.items()
    )
