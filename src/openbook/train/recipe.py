"""What a training recipe says: five tables, every key typed, every default the one that a newcomer wants."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from openbook.train.problems import TrainProblem

if TYPE_CHECKING:
    from openbook.model import DecoderConfig


_LONG = 10**20
"""Larger numbers are shown with an exponent."""

STEPS = ("schedule.warmup", "schedule.decay", "data.cloze_steps")
"""Keys that may be at most train.steps."""


def check_ranges(*bounds: tuple[str, float, float, float]) -> None:
    """Each a key, its value, the least and the most it may be. Raises TrainProblem for the first that lies outside."""
    for name, value, low, high in bounds:
        if not low <= value <= high:
            most = f"{_shown(high)}, which is train.steps: set {name}=0" if name in STEPS else _shown(high)
            raise TrainProblem(f"{name} is {_shown(value)}, and must lie in {_shown(low)} to {most}")


def _shown(value: float) -> str:
    """With commas, no point behind a whole number, and no exponent where a few digits do."""
    if not abs(value) < _LONG:  # nor where it is no number
        return f"{value:g}"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:.7f}".rstrip("0") if 1e-7 <= abs(value) < 1e-4 else repr(value)


def path_of(text: str) -> Path:
    """The path with variables filled in; OPENBOOK_DATA is ../shared/data where nobody sets it."""
    text = text.replace("$OPENBOOK_DATA", os.environ.get("OPENBOOK_DATA") or "../shared/data")
    return Path(os.path.expandvars(text)).expanduser()


@dataclass(frozen=True, slots=True)
class Model:
    """The decoder's shape; the vocabulary is the tokenizer's.

    layers: blocks, one after another. heads: of attention. width: numbers a token, a multiple of heads. context: tokens
    that are read at most. inner: width of the feed-forward layer; 0: 4 · width for GELU, 8/3 of it for SwiGLU.
    key_value_heads: shared by several heads each; 0: as many as heads. positions: how a token's place is known. norm:
    how activations are normalised. activation: of the feed-forward layer. biases: linear layers have one. tied: the
    output embedding is the input's. dropout: the share of activations left out in training. start: a model folder whose
    weights training begins from, or "writer", the shipped one; then the folder gives the shape, and a key that says
    otherwise is refused, unless it says what is the default here.
    """

    layers: int = 4
    heads: int = 4
    width: int = 128
    context: int = 64
    inner: int = 0
    key_value_heads: int = 0
    positions: Literal["rotary", "learned"] = "rotary"
    norm: Literal["rms", "layer"] = "rms"
    activation: Literal["swiglu", "gelu", "gelu_tanh"] = "swiglu"
    biases: bool = False
    tied: bool = True
    dropout: float = 0.0
    start: str = ""

    def config(self, vocabulary: int) -> "DecoderConfig":
        """Raises BadShape or TrainProblem where the numbers make no model."""
        from openbook.model import DecoderConfig  # brings torch, which a typo in a recipe need not wait for

        if self.heads > 0 and self.width % self.heads:
            raise TrainProblem(f"model.width is {self.width}, and must be a multiple of model.heads, {self.heads}")
        wide = 4 * self.width if self.activation != "swiglu" else -(-8 * self.width // 3 // 8) * 8
        return DecoderConfig(
            vocabulary=vocabulary,
            width=self.width,
            layers=self.layers,
            heads=self.heads,
            inner=self.inner or wide,
            context=self.context,
            key_value_heads=self.key_value_heads,
            positions=self.positions,
            norm=self.norm,
            activation=self.activation,
            tied=self.tied,
            bias_attention_in=self.biases,
            bias_attention_out=self.biases,
            bias_feed_forward=self.biases,
            dropout=self.dropout,
            family="gpt2" if self.positions == "learned" else "llama",
        )


@dataclass(frozen=True, slots=True)
class Data:
    """path: a text or .jsonl file (also .gz), a folder of these, or token shards; $NAME comes from the environment.

    field: of JSON lines. tokenizer: "characters", or a tokenizer file. end: the control token that ends each document.
    validation: the last share of the tokens, kept from training. pack: rows run on across documents.
    """

    path: str
    field: str = "text"
    tokenizer: str = "characters"
    end: str = ""
    validation: float = 0.1
    pack: bool = True

    @property
    def source(self) -> Path:
        return path_of(self.path)


@dataclass(frozen=True, slots=True)
class Optimiser:
    """kind: "muon" moves the matrices of the blocks by Muon, and the rest by AdamW. rate: the peak learning rate,
    Muon's too, whose updates have AdamW's size. beta1, beta2: how slowly AdamW's means of gradients and of their
    squares move. epsilon: added to AdamW's divisor. momentum: Muon's. weight_decay: of matrices and embeddings, times
    the rate. clip: the largest norm of the gradients; 0: any. fused: AdamW in one kernel.
    """

    kind: Literal["adamw", "muon"] = "adamw"
    rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.95
    epsilon: float = 1e-8
    momentum: float = 0.95
    weight_decay: float = 0.1
    clip: float = 1.0
    fused: bool = True


@dataclass(frozen=True, slots=True)
class Schedule:
    """kind: how the rate runs after its warm-up. warmup: steps in which it rises from 0. decay: the last steps, in
    which WSD lets it fall. floor: the last rate as a share of the peak.
    """

    kind: Literal["constant", "cosine", "wsd"] = "cosine"
    warmup: int = 100
    decay: int = 0
    floor: float = 0.1


@dataclass(frozen=True, slots=True)
class Train:
    """steps: in all. batch: rows a step, of all processes together. rows_at_once: rows of a process in one pass; 0:
    all. seed: equal seeds give equal runs. precision: "bf16" is autocast. attention: "fused" is the kernel; "plain",
    products and a softmax, is quicker on a CPU for short contexts. compile: "blocks" compiles one block for all,
    "whole" model and loss as one. checkpointing: activations are computed again on the way back. chunked_loss: never
    all logits at once. device: to compute on; "auto" is CUDA where there is one. threads: of a CPU; 0: as many as there
    are cores.
    """

    steps: int = 2000
    batch: int = 12
    rows_at_once: int = 0
    seed: int = 0
    precision: Literal["fp32", "bf16"] = "fp32"
    attention: Literal["fused", "plain"] = "fused"
    compile: Literal["no", "blocks", "whole"] = "no"
    checkpointing: bool = False
    chunked_loss: bool = True
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = 0


@dataclass(frozen=True, slots=True)
class Out:
    """Where the run is kept, and how often. This table may differ when a run is resumed.

    folder: of this run alone; the same command goes on with it. log_every: steps that a row of metrics.jsonl is the
    mean of. evaluate_every: steps between two looks at what was kept apart; 0: only at the end. checkpoint_every: steps
    between two checkpoints; 0: only at the end. keep: how many checkpoints.
    """

    folder: str
    log_every: int = 10
    evaluate_every: int = 250
    checkpoint_every: int = 250
    keep: int = 2


def check_tables(train: Train, schedule: Schedule, optimiser: Optimiser, out: Out) -> None:
    """The ranges of the tables that every recipe of training has. Raises TrainProblem."""
    check_ranges(
        ("train.steps", train.steps, 1, 10**9),
        ("train.batch", train.batch, 1, 10**7),
        ("train.rows_at_once", train.rows_at_once, 0, train.batch),
        ("train.seed", train.seed, 0, 2**63 - 1),
        ("train.threads", train.threads, 0, 4096),
        ("schedule.warmup", schedule.warmup, 0, train.steps),
        ("schedule.decay", schedule.decay, 0, train.steps),
        ("schedule.floor", schedule.floor, 0, 1),
        ("optimiser.rate", optimiser.rate, 0, 1e3),
        ("optimiser.beta1", optimiser.beta1, 0, 0.9999999),
        ("optimiser.beta2", optimiser.beta2, 0, 0.9999999),
        ("optimiser.momentum", optimiser.momentum, 0, 0.9999999),
        ("optimiser.epsilon", optimiser.epsilon, 1e-30, 1),
        ("optimiser.weight_decay", optimiser.weight_decay, 0, 1e3),
        ("optimiser.clip", optimiser.clip, 0, 1e9),
        ("out.log_every", out.log_every, 1, 10**9),
        ("out.evaluate_every", out.evaluate_every, 0, 10**9),
        ("out.checkpoint_every", out.checkpoint_every, 0, 10**9),
        ("out.keep", out.keep, 1, 10**6),
    )


@dataclass(frozen=True, slots=True)
class TrainRecipe:
    """How a language model is trained."""

    data: Data
    out: Out
    model: Model = Model()
    optimiser: Optimiser = Optimiser()
    schedule: Schedule = Schedule()
    train: Train = Train()

    def __post_init__(self) -> None:
        check_tables(self.train, self.schedule, self.optimiser, self.out)
        check_ranges(("data.validation", self.data.validation, 0, 0.999))
        if not self.out.folder or not self.data.path:
            raise TrainProblem("data.path and out.folder must not be empty")
