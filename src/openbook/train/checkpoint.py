"""A checkpoint: everything that going on needs, as a folder that is whole or not there.

``weights.safetensors`` and ``optimiser.safetensors`` hold tensors; ``state.json`` the step, the place in the data and
the generators. Nothing is pickled, so a checkpoint from elsewhere can run no code.
"""

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors import torch as _tensors
from torch import Tensor

from openbook.train.group import Group
from openbook.train.optimise import load_state, state_tensors
from openbook.train.problems import TrainProblem
from openbook.train.state import State, as_text, from_text, generator_state, set_generator_state
from openbook.train.whole import cannot_write, sweep, whole_folder

files: Any = _tensors  # its own types are partial
_NAME = re.compile(r"step-(\d{9})")
_LARGEST_STATE = 100_000_000


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run stands. row: the next row of the data; generators: of each process, base64."""

    step: int
    tokens: int
    seconds: float
    seed: int
    row: int
    generators: tuple[str, ...]


def save(folder: Path, state: State, group: Group, *, seed: int, batch: int, keep: int) -> None:
    """Write ``folder/step-N``, then remove all but the newest ``keep``; only the first process writes.

    Raises TrainProblem where the disk does not let it; the checkpoints before stay.
    """
    generators = tuple(as_text(found.cpu()) for found in group.gathered(generator_state(group.device)))
    if group.first:
        position = Position(state.step, state.tokens, state.seconds, seed, state.step * batch, generators)
        with whole_folder(folder / f"step-{state.step:09}") as scratch:
            save_tensors(scratch / "weights.safetensors", dict(state.model.named_parameters()))
            save_tensors(scratch / "optimiser.safetensors", state_tensors(state.optimisers, state.model))
            (scratch / "state.json").write_text(json.dumps(asdict(position), indent=1), encoding="utf-8")
        for step, old in _all(folder)[:-keep]:
            assert step < state.step
            shutil.rmtree(old, ignore_errors=True)
    group.wait()


def newest(folder: Path) -> Path | None:
    """The last whole checkpoint, or None; what a killed process left unfinished is swept away."""
    if folder.is_dir():
        sweep(folder)
    found = _all(folder)
    return found[-1][1] if found else None


def restore(folder: Path, state: State, group: Group) -> None:
    """Put a checkpoint into the state. Raises TrainProblem where it is broken or does not fit the run."""
    position = read_position(folder)
    if len(position.generators) != group.size:
        raise TrainProblem(
            f"{folder} was written by {len(position.generators)} processes and this run has {group.size}: "
            "start as many as before"
        )
    weights = load_tensors(folder / "weights.safetensors")
    own = dict(state.model.named_parameters())
    if {name: tensor.shape for name, tensor in weights.items()} != {n: p.shape for n, p in own.items()}:
        raise TrainProblem(f"{folder} holds the weights of another model: start the run in another out.folder")
    with torch.no_grad():
        for name, parameter in own.items():
            parameter.copy_(weights[name])
    try:
        load_state(state.optimisers, state.model, load_tensors(folder / "optimiser.safetensors"))
    except TrainProblem as error:
        raise _broken(folder, str(error)) from error
    state.step, state.tokens, state.seconds = position.step, position.tokens, position.seconds
    try:
        set_generator_state(group.device, from_text(position.generators[group.rank]))
    except (ValueError, RuntimeError, TypeError) as error:
        raise _broken(folder, "the generator's state cannot be used") from error


def read_position(folder: Path) -> Position:
    """The JSON part of a checkpoint. Raises TrainProblem where it is broken."""
    try:
        with (folder / "state.json").open("rb") as file:
            found: Any = json.loads(file.read(_LARGEST_STATE))
        position = Position(**found)
        generators = tuple(map(str, position.generators))
        return Position(
            int(position.step),
            int(position.tokens),
            float(position.seconds),
            int(position.seed),
            int(position.row),
            generators,
        )
    except OSError as error:
        raise _broken(folder, error.strerror or "state.json cannot be read") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise _broken(folder, "state.json is not what a run writes") from error


def save_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Raises TrainProblem where the disk is full."""
    try:
        files.save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, path)
    except (safetensors.SafetensorError, OSError) as error:
        raise cannot_write(path, error) from error


def load_tensors(path: Path) -> dict[str, Tensor]:
    """Raises TrainProblem for a file that is missing, cut short or no safetensors."""
    try:
        return files.load_file(path)
    except (safetensors.SafetensorError, OSError) as error:
        raise _broken(path.parent, f"{path.name}: {error}") from error


def _all(folder: Path) -> list[tuple[int, Path]]:
    """Checkpoints by step, oldest first."""
    if not folder.is_dir():
        return []
    matches = ((_NAME.fullmatch(path.name), path) for path in folder.iterdir())
    return sorted((int(match.group(1)), path) for match, path in matches if match)


def _broken(folder: Path, reason: str) -> TrainProblem:
    line = " ".join(reason.split())[:200]
    return TrainProblem(f"the checkpoint {folder} is broken ({line}): remove that folder to go on from the one before")
