"""The model that learns, and the one it is held against: the checkpoint that it was before.

Where an adapter learns, the frozen base beside it is the reference, so that no second copy is held; where all weights
learn, a copy is made, and only when somebody asks for it.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from openbook.align.groups import Group, Ids
from openbook.align.log_probabilities import Scored, scored
from openbook.align.problems import AlignProblem
from openbook.model import Decoder
from openbook.tokens import Tokenizer
from openbook.train import lora
from openbook.train.attention_layout import Layout, laid_out
from openbook.train.base import base_is_there, not_there, open_base
from openbook.train.finetune_recipe import Base
from openbook.train.lora_targets import LoraConfig


@dataclass(slots=True)
class Policy:
    """model: in evaluation mode, since dropout would make a ratio of probabilities noise. end: the token that ends a
    reply. layout: of the model's attention. adapted: whether an adapter learns, or all weights.
    """

    model: Decoder
    tokenizer: Tokenizer
    end: int
    adapted: bool
    layout: Layout = field(init=False)
    _copy: "Policy | None" = None

    def __post_init__(self) -> None:
        self.layout = laid_out(self.model)

    def keep_reference(self) -> None:
        """Make the copy, where one is needed, of the weights as they are now: before the first step."""
        if not self.adapted and self._copy is None:
            model = Decoder(self.model.config).to(self.model.embedding.weight)
            model.load_state_dict(self.model.state_dict())
            model.requires_grad_(requires_grad=False)
            self._copy = Policy(model.eval(), self.tokenizer, self.end, adapted=False)

    @contextmanager
    def as_reference(self) -> Generator["Policy"]:
        """The policy as it was before it learnt, for as long as the context lasts."""
        if not self.adapted:
            if self._copy is None:
                raise AlignProblem("no reference was kept of the weights that learn: call keep_reference first")
            yield self._copy
            return
        lora.use(self.model)
        try:
            yield self
        finally:
            lora.use(self.model, "default")

    def scored(self, groups: Sequence[Group], temperature: float = 1.0) -> Scored:
        """The log-probabilities of all replies, with gradients where they are asked for."""
        return scored(self.model, self.layout, groups, temperature)

    def reference_log_p(self, groups: Sequence[Group], temperature: float = 1.0) -> Tensor:
        """log πref of each token of each reply, (replies, longest), without gradients."""
        with torch.no_grad(), self.as_reference() as reference:
            return reference.scored(groups, temperature).log_p

    def ids(self, text: str) -> Ids:
        """A prompt's tokens."""
        return np.array(self.tokenizer.ids_batch([text])[0], dtype=np.int64)

    def text(self, reply: Ids) -> str:
        """A reply's text, without its end token."""
        kept = reply[:-1] if len(reply) and int(reply[-1]) == self.end else reply
        known = self.tokenizer.ids  # a table of embeddings may be larger than the vocabulary
        return self.tokenizer.decode(number for number in map(int, kept) if number in known)


def opened(base: Base, adapter: LoraConfig | None, end: str, seed: int, device: torch.device) -> Policy:
    """The policy of a base folder, ready to learn. end: the piece that ends a reply, as ``<|endoftext|>``.

    Raises AlignProblem, BadLora or BadCheckpoint.
    """
    if not base_is_there(base):
        raise AlignProblem(not_there(base, "align sft"))
    model, tokenizer = open_base(base)
    if end not in tokenizer:
        raise AlignProblem(f"the tokenizer in {base.folder} has no piece {end!r}: name what ends a reply as end")
    torch.manual_seed(seed)  # pyright: ignore[reportUnknownMemberType]
    if adapter is not None:
        lora.add(model, adapter)
    return Policy(model.to(device).eval(), tokenizer, tokenizer.id_of(end), adapted=adapter is not None)
