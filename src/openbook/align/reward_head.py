"""A reward model: a decoder that reads a prompt and a reply, and one linear number at the reply's last token.

    r(prompt, reply) = w · h(last token) - mean

w has no bias, which differences could not see; the mean is that of the rewards of the replies it learnt from, so that
an average reply is worth 0 (Stiennon et al. 2020). A prompt is read once for all of its replies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from openbook.align.groups import Group
from openbook.align.log_probabilities import states
from openbook.align.pair_groups import passes
from openbook.align.problems import AlignProblem
from openbook.model import Decoder
from openbook.tokens import Tokenizer
from openbook.train.attention_layout import Layout, laid_out

TOKENS = 2**13
"""Read in one pass where nothing learns; a single group may have more."""


@dataclass(slots=True)
class RewardModel:
    """head: (width → 1), no bias. mean: what is taken off every reward. end: the piece that ended replies it saw."""

    model: Decoder
    head: nn.Linear
    tokenizer: Tokenizer
    end: str
    mean: float = 0.0
    layout: Layout = field(init=False)

    def __post_init__(self) -> None:
        self.layout = laid_out(self.model)


def new_head(model: Decoder) -> nn.Linear:
    """Weights from N(0, 1 / (width + 1)), as Stiennon et al. (2020) begin."""
    head = nn.Linear(model.config.width, 1, bias=False)
    nn.init.normal_(head.weight, std=(model.config.width + 1) ** -0.5)
    return head


def by_the_equation(model: Decoder, head: nn.Linear, group: Group) -> Tensor:
    """w · h, one plain pass a reply: (replies,)."""
    texts = [torch.as_tensor([*group.prompt, *reply])[None] for reply in group.replies]
    return torch.stack([head(model(ids)[0, -1])[0] for ids in texts])


def raw_rewards(model: Decoder, layout: Layout, head: nn.Linear, groups: Sequence[Group]) -> Tensor:
    """w · h of every reply of every group in one pass, (replies,), with gradients where they are asked for."""
    row, hidden = states(model, layout, groups)
    last = torch.tensor([end - 1 for place in row.places for end in place.ends], device=hidden.device)
    return head(hidden[last].to(head.weight.dtype))[:, 0].float()


def rewards(scorer: RewardModel, groups: Sequence[Group]) -> NDArray[np.float64]:
    """What each reply is worth, (replies,), some groups at a time. Raises AlignProblem for one that is no number."""
    found: list[NDArray[np.float64]] = []
    with torch.inference_mode():
        for part in passes(groups, TOKENS):
            worth = raw_rewards(scorer.model, scorer.layout, scorer.head, groups[part]).double().cpu()
            found.append(np.asarray(worth, dtype=np.float64) - scorer.mean)
    together = np.concatenate(found) if found else np.zeros(0)
    if not np.isfinite(together).all():
        raise AlignProblem("the reward model gave a reward that is no number: train it again with a lower rate")
    return together
