"""What an adapter is made of, and which layers it is for: our names of them, and PEFT's."""

from dataclasses import dataclass

from openbook.errors import OpenbookError
from openbook.train.lora_layer import Setting

LINEAR = ("query", "key", "value", "output", "gate", "up", "down", "pooler")
EMBEDDINGS = ("embedding", "position", "kind")
PEFT_TARGETS: dict[str, tuple[str, ...]] = {
    "q_proj": ("query",),
    "k_proj": ("key",),
    "v_proj": ("value",),
    "o_proj": ("output",),
    "gate_proj": ("gate",),
    "up_proj": ("up",),
    "down_proj": ("down",),
    "embed_tokens": ("embedding",),
    "c_attn": ("query", "key", "value"),
    "attn.c_proj": ("output",),
    "c_fc": ("up",),
    "mlp.c_proj": ("down",),
    "c_proj": ("output", "down"),
    "wte": ("embedding",),
    "wpe": ("position",),
    "attention.output.dense": ("output",),
    "intermediate.dense": ("up",),
    "output.dense": ("output", "down"),
    "dense": ("output", "up", "down", "pooler"),
    "pooler.dense": ("pooler",),
    "word_embeddings": ("embedding",),
    "position_embeddings": ("position",),
    "token_type_embeddings": ("kind",),
    "all-linear": LINEAR,
    "all": LINEAR,
}
"""What the layers are called in PEFT's configurations, for the families that ``openbook.model`` reads."""

_LARGEST_RANK = 4096


class BadLora(OpenbookError):
    """An adapter that cannot be made, or does not fit the model."""


@dataclass(frozen=True, slots=True)
class LoraConfig:
    """What an adapter is made of.

    rank: numbers between A and B; more can learn more. alpha: the scale s is alpha / rank, or alpha / √rank where
    ``rank_stabilised``. dropout: on the input of A, in training only.
    targets: layers by our names (query, key, value, output, gate, up, down, pooler; embedding, position, kind) or by
    PEFT's (q_proj, c_attn, ...); "all" is every linear layer but the output embedding.
    rank_stabilised: the scale s is alpha / √rank (Kalajdzievski 2023, eq. 4), which keeps the size of the learning
    signal as the rank grows.
    """

    rank: int = 8
    alpha: float = 16.0
    dropout: float = 0.0
    targets: tuple[str, ...] = ("all",)
    rank_stabilised: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.rank <= _LARGEST_RANK:
            raise BadLora(f"rank is {self.rank:,}, and must lie in 1 to {_LARGEST_RANK:,}")
        if not 0 < self.alpha < float("inf"):
            raise BadLora(f"alpha is {self.alpha}, and must be a positive number")
        if not 0 <= self.dropout < 1:
            raise BadLora(f"dropout is {self.dropout}, and must lie in 0 to 1, 1 excluded")
        layer_names(self.targets)

    @property
    def setting(self) -> Setting:
        return Setting(self.alpha, self.dropout, self.rank_stabilised)


def layer_names(targets: tuple[str, ...]) -> tuple[str, ...]:
    """Targets in our names or PEFT's as our layers' names, in a fixed order."""
    wanted: set[str] = set()
    known = ", ".join(LINEAR + EMBEDDINGS)
    for target in targets:
        if target in LINEAR or target in EMBEDDINGS:
            wanted.add(target)
        elif target in PEFT_TARGETS:
            wanted.update(PEFT_TARGETS[target])
        elif target in {"unembedding", "lm_head"}:
            raise BadLora(f"targets: the output embedding takes no adapter here: choose among {known}")
        else:
            raise BadLora(f"targets: no layer is called {target!r}: choose among all, {known}")
    if not wanted:
        raise BadLora("targets: an adapter needs at least one target: write ['all'] for every linear layer")
    return tuple(name for name in LINEAR + EMBEDDINGS if name in wanted)
