"""A language model for each class, in one decoder: P(x|y), the class being the first token that it reads.

With a prior it is a classifier through Bayes' rule (Yogatama et al. 2017), the weights shared between classes as in
CTRL (Keskar et al. 2019); and it can write texts of a class, and say how likely any text is.
"""

from math import log

import torch
from torch import Tensor, nn

from openbook.errors import OpenbookError
from openbook.model import Decoder
from openbook.model.cache import Cache
from openbook.train.classify_head import present


class ClassConditional(nn.Module):
    """A decoder whose vocabulary is the texts' tokens, one that ends a text, and one for each class, in this order."""

    def __init__(self, decoder: Decoder, tokens: int, classes: int) -> None:
        super().__init__()
        if decoder.config.vocabulary != tokens + 1 + classes:
            wanted = f"{tokens} tokens, the end and {classes} classes"
            raise OpenbookError(
                f"a vocabulary of {decoder.config.vocabulary} does not hold {wanted}: make it their sum"
            )
        self.decoder = decoder
        self.tokens = tokens
        self.classes = classes

    @property
    def end(self) -> int:
        """The token that ends every text: what makes P(x|y) add up to 1 over texts of all lengths."""
        return self.tokens

    def forward(self, ids: Tensor, lengths: Tensor, labels: Tensor) -> Tensor:
        """log P(x|y) = Σ log P(token | y, tokens before), the end included.

        ids: (batch, time), each row ended by ``end``, then padding; lengths: (batch,), the end counted;
        labels: (batch,). Returns (batch,), in nats.
        """
        seen = torch.cat([self.tokens + 1 + labels[:, None], ids[:, :-1]], dim=1)
        logits = self.decoder.logits(self.decoder(seen))[..., : self.tokens + 1]  # a class is never written
        losses = nn.functional.cross_entropy(logits.flatten(0, 1), ids.flatten(), reduction="none").view_as(ids)
        return -(losses * present(lengths, ids.shape[1])).sum(dim=1)


def conditional_loss(model: ClassConditional, ids: Tensor, lengths: Tensor, labels: Tensor) -> Tensor:
    """-log P(x|y) a token, the mean over the batch's tokens."""
    return -model(ids, lengths, labels).sum() / lengths.sum()


def log_likelihoods(model: ClassConditional, ids: Tensor, lengths: Tensor) -> Tensor:
    """log P(x|y) under every class, (batch, classes): one pass for all of them."""
    batch, classes = ids.shape[0], model.classes
    labels = torch.arange(classes).repeat(batch)
    repeated = ids.repeat_interleave(classes, dim=0), lengths.repeat_interleave(classes)
    return model(*repeated, labels).view(batch, classes)


def log_posterior(log_likelihood: Tensor, log_prior: Tensor) -> Tensor:
    """Bayes' rule: log P(y|x) = log P(x|y) + log P(y) - log Σ P(x|y') P(y').

    log_likelihood: (batch, classes); log_prior: (classes,). Returns (batch, classes).
    """
    return torch.log_softmax(log_likelihood + log_prior, dim=-1)


def log_evidence(log_likelihood: Tensor, log_prior: Tensor) -> Tensor:
    """log P(x) = log Σ P(x|y) P(y): how likely the text itself is, whatever its class. Returns (batch,)."""
    return torch.logsumexp(log_likelihood + log_prior, dim=-1)


@torch.no_grad()
def sample(
    model: ClassConditional, label: int, count: int, *, most: int, generator: torch.Generator, temperature: float = 1.0
) -> list[list[int]]:
    """``count`` texts drawn from P(x|y) token by token, of at most ``most`` tokens, the end left off.

    temperature: below 1 prefers what is likely; at 1 the draw is from the model itself.
    """
    if not temperature > 0:
        raise OpenbookError(f"temperature must be above 0, not {temperature}: 1 draws from the model as it is")
    if not 0 <= label < model.classes:
        raise OpenbookError(f"there is no class {label}: number them from 0 to {model.classes - 1}")
    model.eval()
    most = min(most, model.decoder.config.context)
    cache = Cache(model.decoder.config, count, most)
    last = torch.full((count, 1), model.tokens + 1 + label)
    drawn = torch.empty(count, 0, dtype=torch.int64)
    for _ in range(most):
        logits = model.decoder.logits(model.decoder(last, cache=cache)[:, -1])[:, : model.tokens + 1]
        last = torch.multinomial(torch.softmax(logits / temperature, dim=-1), 1, generator=generator)
        drawn = torch.cat([drawn, last], dim=1)
        if bool((drawn == model.end).any(dim=1).all()):
            break
    rows = [[int(token) for token in row] for row in drawn]
    return [row[: row.index(model.end)] if model.end in row else row for row in rows]


def log_prior_of(counts: list[int]) -> Tensor:
    """log P(y) as the share of each class; minus infinity for one never seen. Returns (classes,)."""
    total = sum(counts)
    return torch.tensor([log(count / total) if count else float("-inf") for count in counts])
