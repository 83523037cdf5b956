"""Does a checkpoint's content fit the model that its config.json describes, and if so, into its parameters with it."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from openbook.model.config import BadCheckpoint
from openbook.model.decoder import Decoder
from openbook.model.described import HEAD
from openbook.model.encoder import Encoder
from openbook.model.families.family import Family, Stored
from openbook.model.weight_files import StoredTensor

Model = Decoder | Encoder
_DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def expected(model: Model, family: Family[Any], *, prefixed: bool) -> list[Stored]:
    """What the file must hold; of a tied pair the embedding alone, which comes first."""
    return family.stored(((name, each.ndim) for name, each in model.named_parameters()), prefixed=prefixed)


def check_names(
    where: str, family: Family[Any], expected: list[Stored], tensors: Mapping[str, StoredTensor], *, tied: bool
) -> None:
    names = {each.name for each in expected}
    spare = f"{family.head}.weight" if tied else ""
    missing = next((each.name for each in expected if each.name not in tensors), None)
    more = next((n for n in sorted(tensors) if n not in names and n != spare and not family.ignored.fullmatch(n)), None)
    if missing == f"{family.head}.weight":
        raise BadCheckpoint(
            f"the weights have no {missing}: if the embedding is meant, set tie_word_embeddings to true in {where}"
        )
    if missing is not None:
        instead = f", but {more}" if more is not None else ""
        raise BadCheckpoint(
            f"{where} describes a {family.name} model, and the weights have no {missing}{instead}: they do not belong "
            "together, or a part is missing"
        )
    if more is not None:
        raise BadCheckpoint(
            f"the weights hold {more}, which the {family.name} model in {where} does not have: they do not belong "
            "together"
        )


def check_shapes(where: str, model: Model, expected: list[Stored], tensors: Mapping[str, StoredTensor]) -> None:
    shapes = {name: tuple(each.shape) for name, each in model.named_parameters()}
    for each in expected:
        parts = [shapes[name] for name in each.ours]
        wanted = (sum(part[0] for part in parts), *parts[0][1:])
        wanted = wanted[::-1] if each.turned else wanted
        found = tensors[each.name].shape
        if found != wanted:
            raise BadCheckpoint(
                f"{each.name} is of shape {found} and {where} asks for {wanted}: they do not belong together"
            )


def fill(model: Model, expected: list[Stored], tensors: Mapping[str, StoredTensor], dtype: torch.dtype) -> None:
    rows = {name: each.shape[0] for name, each in model.named_parameters()}
    for each in expected:
        tensors[each.name].check_floats()  # every one, before the first is read
    state: dict[str, Tensor] = {}
    for each in expected:
        tensor = tensors[each.name].read().clone().to(dtype)  # a file that changes later changes nothing here
        tensor = tensor.T.contiguous() if each.turned else tensor
        if len(each.ours) == 1:
            state[each.ours[0]] = tensor
            continue
        parts = torch.split(tensor, [rows[name] for name in each.ours])
        state |= {name: part.clone() for name, part in zip(each.ours, parts, strict=True)}
    if isinstance(model, Decoder) and model.config.tied:
        state[HEAD] = state["embedding.weight"]
    model.load_state_dict(state, assign=True)
    if isinstance(model, Decoder) and model.config.tied:
        model.unembedding.weight = model.embedding.weight


def dtype_of(stored: StoredTensor) -> torch.dtype:
    """Raises BadCheckpoint for whole numbers."""
    stored.check_floats()
    return _DTYPES[stored.kind]


def joined(each: Stored, state: Mapping[str, Tensor]) -> Tensor:
    """The tensor to store, in memory of its own where it must be made."""
    parts = [state[name] for name in each.ours]
    tensor = parts[0] if len(parts) == 1 else torch.cat(parts)
    return (tensor.T if each.turned else tensor).contiguous()
