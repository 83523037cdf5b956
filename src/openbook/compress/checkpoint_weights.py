"""A decoder's checkpoint as numpy arrays, one tensor at a time and without torch."""

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path

import numpy as np

from openbook.compress.quantise import Array
from openbook.model.config import BadCheckpoint, DecoderConfig
from openbook.model.described import Described, described, transformer_folder
from openbook.model.families.family import Stored
from openbook.model.families.fields import read_fields
from openbook.model.parameter_shapes import parameter_shapes
from openbook.model.weight_files import StoredTensor, open_weights


class Weights(Mapping[str, Array]):
    """FP32 arrays by the names of ``Decoder.named_parameters``, each read when it is asked for and not kept."""

    def __init__(self, what: Described, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self._what, self.shapes = what, shapes
        dimensions = ((name, len(shape)) for name, shape in shapes.items())
        self._stored: dict[str, Stored] = {}
        for each in what.family.stored(dimensions, prefixed=what.prefixed):
            self._stored |= dict.fromkeys(each.ours, each)

    def __getitem__(self, name: str) -> Array:
        """Raises BadCheckpoint for numbers that are not finite."""
        each = self._stored[name]
        array = float32(self._what.tensors[each.name])
        array = array.T if each.turned else array
        before = sum(self.shapes[other][0] for other in each.ours[: each.ours.index(name)])
        array = np.ascontiguousarray(array[before : before + self.shapes[name][0]])
        if not np.isfinite(array).all():
            raise BadCheckpoint(f"{each.name} holds numbers that are not finite: get the weights again")
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)

    def check(self) -> None:
        """Every tensor is there, of floats and of its shape, before the first is read. Raises BadCheckpoint."""
        where = self._what.said.where
        for name, each in self._stored.items():
            found = self._what.tensors.get(each.name)
            if found is None:
                raise BadCheckpoint(
                    f"the weights have no {each.name}, which {where} asks for: they do not belong together"
                )
            found.check_floats()
            rows = sum(self.shapes[other][0] for other in each.ours)
            wanted = (rows, *self.shapes[name][1:])
            wanted = wanted[::-1] if each.turned else wanted
            if found.shape != wanted:
                raise BadCheckpoint(
                    f"{each.name} is of shape {found.shape} and {where} asks for {wanted}: they do not belong together"
                )


@contextmanager
def open_decoder(folder: Path) -> Generator[tuple[DecoderConfig, Weights]]:
    """The configuration and the weights of a decoder's folder. Raises BadCheckpoint."""
    folder = transformer_folder(folder)
    said = read_fields(folder / "config.json")
    with open_weights(folder, "np") as found:
        what = described(said, found)
        if not isinstance(what.config, DecoderConfig):
            raise BadCheckpoint(f"{said.where} describes an encoder: give the folder of a language model")
        weights = Weights(what, parameter_shapes(what.config))
        weights.check()
        yield what.config, weights


def float32(stored: StoredTensor) -> Array:
    """The content in FP32. numpy has no BF16: its bytes are the upper half of an FP32's."""
    if stored.kind != "BF16":
        return np.asarray(stored.read(), dtype=np.float32)
    with stored.path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        start, _ = json.loads(file.read(length))[stored.name]["data_offsets"]
        file.seek(8 + length + start)
        halves = np.frombuffer(file.read(2 * prod(stored.shape)), dtype="<u2")
    return (halves.astype(np.uint32) << 16).view(np.float32).reshape(stored.shape)
