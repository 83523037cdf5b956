"""Writing an ONNX graph one node at a time: names are given in order, so the same calls give the same bytes."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

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
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name)
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
        key = f"{value.dtype}{value}"
        if key not in self.shared:
            tensor = numpy_helper.from_array(np.array([value]), "")
            self.shared[key] = self.node("ConstantOfShape", length, value=tensor)
        return self.shared[key]

    def model(self, name: str, width: int) -> ModelProto:
        """The finished model: ``ids``, int64 (tokens,), in; the last node's ``embedding``, float32 (width,), out."""
        self.nodes[-1].output[0] = "embedding"
        ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["tokens"])
        embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [width])
        graph = helper.make_graph(self.nodes, name, [ids], [embedding], list(self.constants.values()))
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(ORT_DOMAIN, 1)]
        return helper.make_model(graph, producer_name="openbook", opset_imports=opsets, ir_version=_IR_VERSION)
