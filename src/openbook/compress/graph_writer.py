"""Writing an ONNX graph one node at a time: names are given in order, so the same calls give the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

ORT_DOMAIN = "com.microsoft"
"""Operators of onnxruntime itself, fused from several of the standard ones."""

_OPSET, _IR_VERSION = 18, 9  # what onnxruntime has read since 1.14


@dataclass
class GraphWriter:
    nodes: list[NodeProto] = field(default_factory=list[NodeProto])
    constants: dict[str, TensorProto] = field(default_factory=dict[str, TensorProto])
    shared: dict[str, str] = field(default_factory=dict[str, str])

    def constant(self, name: str, value: NDArray[Any] | np.generic) -> str:
        """A tensor stored in the model; giving the same name again means the same tensor."""
        if name not in self.constants:
            self.constants[name] = initialiser(name, value)
        return name

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output; returns the output's name."""
        return self.node_with_outputs(operator, 1, *inputs, domain=domain, **attributes)[0]

    def node_with_outputs(
        self, operator: str, outputs: int, *inputs: str, domain: str = "", **attributes: Any
    ) -> list[str]:
        name = f"{operator}_{len(self.nodes)}"
        names = [name] if outputs == 1 else [f"{name}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, name=name, domain=domain, **attributes))
        return names

    def axis(self, axis: int) -> str:
        return self.constant(f"axis{axis}", np.array([axis], dtype=np.int64))

    def filled(self, value: np.generic, length: str) -> str:
        """A vector of ``length`` (the name of a shape) equal values, made once a run however often it is asked for."""
        key = f"{value.dtype}{value} {length}"
        if key not in self.shared:
            tensor = numpy_helper.from_array(np.array([value]), "")
            self.shared[key] = self.node("ConstantOfShape", length, value=tensor)
        return self.shared[key]

    def rename(self, output: str, name: str) -> None:
        """Call a node's output ``name``: what a caller of the model asks for. No other node may have read it yet."""
        node = next(node for node in self.nodes if output in node.output)
        node.output[list(node.output).index(output)] = name

    def omit(self, output: str, *others: int) -> None:
        """Leave out some outputs of the node that makes ``output``, by their place: nobody asks for them."""
        node = next(node for node in self.nodes if output in node.output)
        for place in others:
            node.output[place] = ""

    def model(self, name: str, inputs: Sequence[ValueInfoProto], outputs: Sequence[ValueInfoProto]) -> ModelProto:
        """The finished model, its inputs and outputs as ``integers`` and ``floats`` describe them."""
        graph = helper.make_graph(self.nodes, name, inputs, outputs, list(self.constants.values()))
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(ORT_DOMAIN, 1)]
        return helper.make_model(graph, producer_name="openbook", opset_imports=opsets, ir_version=_IR_VERSION)


def initialiser(name: str, value: NDArray[Any] | np.generic) -> TensorProto:
    """A tensor as the file stores it."""
    return numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name)


def integers(name: str, *shape: int | str) -> ValueInfoProto:
    """An int64 tensor; a dimension that varies is given by name."""
    return helper.make_tensor_value_info(name, TensorProto.INT64, shape)


def floats(name: str, *shape: int | str) -> ValueInfoProto:
    """The same in float32."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
