"""A model with one more output, a tensor that it computes on its way anyway: no second copy of the weights is needed.

Protobuf merges a message that is written twice, and what may repeat is then strung together (protobuf.dev, "Encoding",
under "Last One Wins"). A few bytes behind a model that hold a graph of one output and nothing else so add that output;
no byte of the model itself changes, and no package that writes ONNX is needed.
"""

from openbook.compress.onnx_file import fields

_GRAPH = 7  # of a model
_NODE, _OUTPUT = 1, 12  # of a graph
_NODE_INPUT, _NODE_OUTPUT = 1, 2
_NAME, _TYPE, _TENSOR, _ELEMENTS, _FLOAT = 1, 2, 1, 1, 1  # of a described value, of its type, and 32-bit floats


class NoSuchTensor(ValueError):
    """The graph does not compute what was asked for."""


def with_output(model: bytes, name: str) -> bytes:
    """The model, giving the tensor of floats that its graph calls ``name`` as its last output."""
    floats = _field(_TENSOR, bytes((_ELEMENTS << 3, _FLOAT)))
    described = _field(_NAME, name.encode()) + _field(_TYPE, floats)
    return model + _field(_GRAPH, _field(_OUTPUT, described))


def read_before(model: bytes, output: str, steps: int) -> str:
    """The tensor that lies ``steps`` nodes before ``output``, each node's first input taken. Raises NoSuchTensor."""
    made: dict[str, str] = {}
    for graph in (value for number, value in fields(memoryview(model)) if number == _GRAPH):
        for node in (value for number, value in fields(graph) if number == _NODE):
            parts = [(number, bytes(value).decode()) for number, value in fields(node) if number <= _NODE_OUTPUT]
            inputs = [name for number, name in parts if number == _NODE_INPUT]
            made |= {name: inputs[0] for number, name in parts if number == _NODE_OUTPUT and inputs}
    for _ in range(steps):
        if output not in made:
            raise NoSuchTensor(f"no node of the graph makes {output}")
        output = made[output]
    return output


def _field(number: int, content: bytes) -> bytes:
    """A field whose content is bytes: the number and the kind 2, the length in sevens of bits, the content."""
    size, length = len(content), bytearray()
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    return bytes((number << 3 | 2, *length, size)) + content
