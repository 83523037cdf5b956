"""The log-probability of each token of each reply under a model: what every objective of this room is a function of.

``by_the_equation`` is what to read; ``scored`` is what runs: all groups in one row, each prompt read once, logits for
the replies' tokens alone and, where the vocabulary is large, never all of them at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from openbook.align.groups import Group, Row, padded, present, row_of
from openbook.align.problems import AlignProblem
from openbook.align.shared_prompt import shared_prompt
from openbook.model import Decoder
from openbook.train.attention_layout import Layout

LOGITS = 2**22
"""How many logits are held at once: 16 MiB of FP32."""


@dataclass(frozen=True, slots=True)
class Scored:
    """log_p: (replies, longest) log πθ(token | before), 0 behind a reply's end; entropy: the same shape, no gradient.

    mask: which places hold a token. hidden: (reply tokens, width), the state *at* each token of each reply, where
    reward heads look; before: the state in which it was chosen, where value heads do. row: how the groups lay.
    """

    log_p: Tensor
    entropy: Tensor
    mask: Tensor
    hidden: Tensor
    before: Tensor
    row: Row

    @property
    def sums(self) -> Tensor:
        """(replies,) log πθ(reply | prompt)."""
        return self.log_p.sum(-1)


def by_the_equation(model: Decoder, group: Group, temperature: float = 1.0) -> list[Tensor]:
    """For each reply, its tokens' log softmax(logits / temperature), one plain pass a reply."""
    found: list[Tensor] = []
    for reply in group.replies:
        ids = torch.as_tensor([*group.prompt, *reply])[None]
        logits = model.logits(model(ids[:, :-1]))[0, len(group.prompt) - 1 :]
        found.append((logits / temperature).log_softmax(-1).gather(1, ids[0, len(group.prompt) :, None])[:, 0])
    return found


def scored(model: Decoder, layout: Layout, groups: Sequence[Group], temperature: float = 1.0) -> Scored:
    """All replies of all groups in one pass. layout: ``laid_out(model)``, made once for a model.

    Raises AlignProblem for a group that does not fit the context.
    """
    row, hidden = states(model, layout, groups)
    before = hidden[row.before]
    log_p, entropy = selected(before, model.unembedding.weight, row.targets, temperature)
    at = torch.cat([torch.arange(s, e) for place in row.places for s, e in place.replies]).to(hidden.device)
    return Scored(
        padded(log_p, row.counts), padded(entropy, row.counts), present(row.counts, hidden.device), hidden[at], before,
        row,
    )  # fmt: skip


def states(model: Decoder, layout: Layout, groups: Sequence[Group]) -> tuple[Row, Tensor]:
    """The row, and the final hidden state of each of its tokens, (tokens, width)."""
    most = min(model.config.context, model.config.window or model.config.context)
    if (longest := max(group.longest for group in groups)) > most:
        raise AlignProblem(
            f"a prompt with its reply has {longest:,} tokens and this model reads {most:,}: shorten it, leave it out, "
            "or take a model with a longer context"
        )
    row = row_of(groups, model.embedding.weight.device)
    layout.mix = shared_prompt(row.places)
    try:
        return row, model(row.ids, positions=row.positions)[0]
    finally:
        layout.mix = None


def selected(hidden: Tensor, weight: Tensor, targets: Tensor, temperature: float = 1.0) -> tuple[Tensor, Tensor]:
    """log softmax(hidden · weightᵀ / temperature)[target], and the entropy of that softmax, which has no gradient.

    hidden: (tokens, width); weight: (vocabulary, width); targets: (tokens,) int64. Returns two of (tokens,), FP32.
    """
    rows = max(1, LOGITS // weight.shape[0])
    if hidden.shape[0] <= rows:
        log_softmax = (torch.nn.functional.linear(hidden, weight).float() / temperature).log_softmax(-1)
        found = log_softmax.gather(1, targets[:, None])[:, 0]
        with torch.no_grad():
            return found, -(log_softmax.exp() * log_softmax).sum(-1)
    return cast("tuple[Tensor, Tensor]", _Selected.apply(hidden, weight, targets, temperature, rows))  # pyright: ignore[reportUnknownMemberType]


class _Selected(torch.autograd.Function):
    """A chunk of tokens at a time; the logits are computed once more on the way back (Wijmans et al. 2024)."""

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, temperature: float, rows: int
    ) -> tuple[Tensor, Tensor]:
        log_p, entropy = hidden.new_empty(len(targets), dtype=torch.float32), hidden.new_empty(len(targets)).float()
        normaliser = torch.empty_like(log_p)
        for start in range(0, len(targets), rows):
            part = slice(start, start + rows)
            logits = _logits(hidden[part], weight, temperature)
            normaliser[part] = logits.logsumexp(-1)
            log_p[part] = logits.gather(1, targets[part, None])[:, 0] - normaliser[part]
            probabilities = (logits - normaliser[part, None]).exp_()
            entropy[part] = normaliser[part] - (probabilities.mul_(logits)).sum(-1)
        ctx.save_for_backward(hidden, weight, targets, normaliser)
        ctx.temperature, ctx.rows = temperature, rows
        ctx.mark_non_differentiable(entropy)
        return log_p, entropy

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, Tensor | None, None, None, None]:
        hidden, weight, targets, normaliser = ctx.saved_tensors
        wants_hidden, wants_weight = ctx.needs_input_grad[:2]
        to_hidden = torch.empty_like(hidden) if wants_hidden else None
        to_weight = torch.zeros_like(weight, dtype=torch.float32) if wants_weight else None
        for start in range(0, len(targets), ctx.rows):
            part = slice(start, start + ctx.rows)
            error = _logits(hidden[part], weight, ctx.temperature).sub_(normaliser[part, None]).exp_().neg_()
            error.scatter_add_(1, targets[part, None], torch.ones_like(error[:, :1]))  # one_hot - softmax
            error = error.mul_(upstream[0][part, None] / ctx.temperature).to(weight.dtype)
            if to_hidden is not None:
                to_hidden[part] = error @ weight
            if to_weight is not None:
                to_weight += error.mT @ hidden[part].to(weight.dtype)
        return to_hidden, None if to_weight is None else to_weight.to(weight.dtype), None, None, None


def _logits(hidden: Tensor, weight: Tensor, temperature: float) -> Tensor:
    return (hidden.to(weight.dtype) @ weight.mT).float() / temperature
