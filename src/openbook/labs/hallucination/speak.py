"""Answers drawn from the decoder, many prompts at a time, with the log-probability of each of their words."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from openbook.labs.hallucination.corpus import END
from openbook.labs.hallucination.rows import IDS, WORDS, ids_of
from openbook.model import Decoder

LONGEST = 14
"""Words of an answer at most, the end included; whole sentences of this world have 9."""

_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Said:
    """An answer without its end. logprobs: of each word and of the end, at temperature 1 whatever it was drawn at."""

    text: str
    logprobs: tuple[float, ...]


@torch.no_grad()
def say(
    model: Decoder,
    prompts: Sequence[Sequence[str]],
    *,
    temperature: float,
    top_p: float = 1.0,
    seed: int = 0,
) -> list[Said]:
    """One answer a prompt, in order. temperature 0 takes the likeliest word always."""
    generator = torch.Generator().manual_seed(seed)
    by_length: dict[int, list[int]] = {}
    for place, words in enumerate(prompts):
        by_length.setdefault(len(words), []).append(place)
    found: dict[int, Said] = {}
    for places in by_length.values():  # rows of one length need no padding
        for start in range(0, len(places), _AT_ONCE):
            part = places[start : start + _AT_ONCE]
            ids = torch.tensor([ids_of(prompts[place]) for place in part])
            found.update(zip(part, _drawn(model, ids, temperature, top_p, generator), strict=True))
    return [found[place] for place in range(len(prompts))]


def nucleus(probabilities: Tensor, top_p: float) -> Tensor:
    """The fewest likeliest words whose probabilities reach ``top_p``, the rest at 0 (Holtzman et al. 2020).

    probabilities: (rows, vocabulary). Returns the same shape, not divided by its sum.
    """
    if top_p >= 1:
        return probabilities
    ordered, order = probabilities.sort(dim=-1, descending=True)
    before = ordered.cumsum(dim=-1) - ordered  # a word stays while those before it do not reach top_p
    return torch.zeros_like(probabilities).scatter(-1, order, ordered.where(before < top_p, 0.0))


def _drawn(model: Decoder, ids: Tensor, temperature: float, top_p: float, generator: torch.Generator) -> list[Said]:
    rows = ids.shape[0]
    most = min(LONGEST, model.config.context - ids.shape[1])
    cache = model.cache(rows, ids.shape[1] + most)
    chosen: list[Tensor] = []
    scores: list[Tensor] = []
    last = ids
    ended = torch.zeros(rows, dtype=torch.bool)
    for _ in range(most):
        logs = model.logits(model(last, cache=cache)[:, -1]).log_softmax(dim=-1)
        if temperature == 0:
            word = logs.argmax(dim=-1, keepdim=True)
        else:
            kept = nucleus((logs / temperature).softmax(dim=-1), top_p)
            word = torch.multinomial(kept, 1, generator=generator)
        chosen.append(word)
        scores.append(logs.gather(1, word))
        ended |= word[:, 0] == IDS[END]
        last = word
        if bool(ended.all()):
            break
    return [_said(words, logs) for words, logs in zip(torch.cat(chosen, 1), torch.cat(scores, 1), strict=True)]


def _said(words: Tensor, logs: Tensor) -> Said:
    texts = [WORDS[int(word)] for word in words]
    length = texts.index(END) if END in texts else len(texts)
    return Said(" ".join(texts[:length]), tuple(float(log) for log in logs[: length + 1]))
