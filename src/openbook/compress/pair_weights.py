"""A trained pair encoder's weights, by the names of the paper: the trunk, the second segment, and the heads."""

from collections.abc import Mapping
from dataclasses import dataclass

from openbook.compress.bert import Bert, Layer, Linear, NamedTensors
from openbook.compress.quantise import Array


@dataclass(frozen=True, slots=True)
class PairWeights:
    """segment: (hidden,), what a token of the passage has more than one of the question.

    span: (hidden, 2), start and end; pair, decide: tanh(x · pair) · decide of the first token, (hidden, hidden) and
    (hidden, 2): relevance and no-answer.
    """

    trunk: Bert
    segment: Array
    span: Linear
    pair: Linear
    decide: Linear


def read_pair(tensors: Mapping[str, Array], heads: int, epsilon: float, window: int) -> PairWeights:
    """From the tensors that ``heads.pair_checkpoint`` writes. Raises OpenbookError where one is missing."""

    named = NamedTensors(tensors, "a pair encoder", "train it again")
    tensor, linear, norm = named.tensor, named.linear, named.norm

    def layer(block: str) -> Layer:
        return Layer(
            qkv=linear(*(f"{block}.attention.{part}" for part in ("query", "key", "value"))),
            attention_output=linear(f"{block}.attention.output"),
            attention_norm=norm(f"{block}.attention_norm"),
            up=linear(f"{block}.feed_forward.up"),
            down=linear(f"{block}.feed_forward.down"),
            output_norm=norm(f"{block}.feed_forward_norm"),
        )

    layers = 1 + max((int(name.split(".")[2]) for name in tensors if name.startswith("encoder.blocks.")), default=-1)
    kinds = tensor("encoder.kind.weight")
    trunk = Bert(
        words=tensor("encoder.embedding.weight"),
        positions=tensor("encoder.position.weight")[:window] + kinds[0],
        embedding_norm=norm("encoder.embedding_norm"),
        layers=tuple(layer(f"encoder.blocks.{index}") for index in range(layers)),
        heads=heads,
        epsilon=epsilon,
    )
    return PairWeights(trunk, kinds[1] - kinds[0], linear("span"), linear("pair"), linear("decide"))
