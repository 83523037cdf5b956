"""What an ONNX file stores, read without the onnx package: tensors by name, and the settings of nodes.

The format is protobuf (protobuf.dev/programming-guides/encoding): pairs of a key and a value, the key's last three bits
saying how long the value is. Only the few fields that are needed are looked at, by their numbers in onnx.proto.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import error as struct_error
from struct import unpack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.errors import OpenbookError

_GRAPH, _NODE, _INITIALIZER = 7, 1, 5  # of a model, and of its graph
_DIMS, _KIND, _TENSOR_NAME, _RAW = 1, 2, 8, 9  # of a tensor
_OPERATOR, _ATTRIBUTE, _ATTRIBUTE_NAME, _FLOAT, _INTEGER = 4, 5, 1, 2, 3  # of a node, and of its attribute
_DTYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64, 10: np.float16, 11: np.float64}
_LARGEST = 2_000_000_000


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """tensors: the stored ones. nodes: in order, each one's operator and those of its settings that are numbers."""

    tensors: Mapping[str, NDArray[Any]]
    nodes: Sequence[tuple[str, Mapping[str, float]]]

    def settings(self, operator: str) -> list[Mapping[str, float]]:
        """Of all nodes of the operator. Raises KeyError where there are none."""
        found = [said for name, said in self.nodes if name == operator]
        if not found:
            raise KeyError(operator)
        return found


def read_onnx(path: Path) -> OnnxFile:
    """Raises OpenbookError for a file that cannot be read or is none."""
    try:
        if path.stat().st_size > _LARGEST:
            raise OpenbookError(f"{path} is larger than {_LARGEST:,} bytes: give a model of a folder of openbook's")
        content = memoryview(path.read_bytes())
        tensors: dict[str, NDArray[Any]] = {}
        nodes: list[tuple[str, Mapping[str, float]]] = []
        for graph in (value for number, value in fields(content) if number == _GRAPH):
            for number, value in fields(graph):
                if number == _INITIALIZER:
                    name, tensor = _tensor(value)
                    tensors[name] = tensor
                elif number == _NODE:
                    nodes.append(_node(value))
    except OSError as error:
        raise OpenbookError(f"cannot read {path}: {error.strerror}") from error
    except (IndexError, KeyError, OverflowError, TypeError, ValueError, struct_error) as error:
        raise OpenbookError(f"{path} is not an ONNX model, or is damaged: make or download it again") from error
    return OnnxFile(tensors, nodes)


def _tensor(content: memoryview) -> tuple[str, NDArray[Any]]:
    shape: list[int] = []
    name, kind, raw = "", 0, memoryview(b"")
    for number, value in fields(content):
        if number == _DIMS:
            shape += [value] if isinstance(value, int) else _packed(value)
        elif number == _KIND:
            kind = value
        elif number == _TENSOR_NAME:
            name = bytes(value).decode()
        elif number == _RAW:
            raw = value
    return name, np.frombuffer(raw, dtype=_DTYPES[kind]).reshape(shape)


def _node(content: memoryview) -> tuple[str, dict[str, float]]:
    operator, said = "", dict[str, float]()
    for number, value in fields(content):
        if number == _OPERATOR:
            operator = bytes(value).decode()
        elif number == _ATTRIBUTE:
            parts = dict(fields(value))
            if _FLOAT in parts:
                said[bytes(parts[_ATTRIBUTE_NAME]).decode()] = unpack("<f", parts[_FLOAT])[0]
            elif _INTEGER in parts:
                said[bytes(parts[_ATTRIBUTE_NAME]).decode()] = _signed(parts[_INTEGER])
    return operator, said


def fields(content: memoryview) -> Iterator[tuple[int, Any]]:
    """Number and value of each field of a message: an int, or the bytes."""
    place = 0
    while place < len(content):
        key, place = _varint(content, place)
        if key & 7 == 0:
            value, place = _varint(content, place)
            yield key >> 3, value
            continue
        if key & 7 == 2:
            size, place = _varint(content, place)
        else:
            size = {1: 8, 5: 4}[key & 7]
        if place + size > len(content):
            raise ValueError("a field reaches beyond its message")
        yield key >> 3, content[place : place + size]
        place += size


def _signed(number: int) -> int:
    """An int64 as the format has it: below zero as two's complement in 64 bits."""
    return number - 2**64 if number >= 2**63 else number


def _packed(content: memoryview) -> list[int]:
    values: list[int] = []
    place = 0
    while place < len(content):
        value, place = _varint(content, place)
        values.append(value)
    return values


def _varint(content: memoryview, place: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first; the eighth bit says that more follow."""
    value = shift = 0
    while True:
        byte = content[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError("a number of more than 64 bits")
