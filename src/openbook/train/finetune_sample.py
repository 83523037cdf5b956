"""What a model writes after a prompt, the likeliest token each time: enough to see what fine-tuning changed."""

from dataclasses import dataclass
from pathlib import Path

import torch

from openbook import tokens
from openbook.model import Decoder
from openbook.tokens import Tokenizer
from openbook.train import lora
from openbook.train.answers import Answers
from openbook.train.techniques import evaluating

_SAMPLE = 120  # tokens shown


@dataclass(frozen=True, slots=True)
class Sample:
    """What follows one prompt kept from training, without the adapter (None where all weights learnt) and with it."""

    prompt: str
    before: str | None
    after: str


def shown(base: Path, model: Decoder, validation: Answers | None, end: str) -> Sample | None:
    """What the model writes after the first prompt kept from training."""
    if validation is None:
        return None
    tokenizer = tokens.load(base / "tokenizer.json")
    example = validation.examples[0]
    first = int(example.counts.argmax())
    prompt = tokenizer.decode(example.ids[:first].tolist())
    length = min(_SAMPLE, int(example.counts.sum()))

    def written() -> str:
        return continuation(model, tokenizer, prompt, length, end)

    after, before = written(), None
    if lora.names(model):
        lora.use(model)
        before = written()
        lora.use(model, "default")
    return Sample(prompt, before, after)


def continuation(model: Decoder, tokenizer: Tokenizer, prompt: str, length: int, end: str = "") -> str:
    """Up to ``length`` tokens after the prompt, greedily; it stops at ``end`` and where the context is full."""
    ids = tokenizer.ids_batch([prompt])[0][-(model.config.context - 1) :]
    stop = tokenizer.id_of(end) if end else None
    cache = model.cache(1, model.config.context)
    written: list[int] = []
    with evaluating(model):
        device = model.embedding.weight.device
        step = torch.tensor([ids], device=device)
        while len(written) < length and cache.used + step.shape[1] <= model.config.context:
            best = int(model.logits(model(step, cache=cache)[0, -1]).argmax())
            if best == stop:
                break
            written.append(best)
            step = torch.tensor([[best]], device=device)
    return tokenizer.decode(written)
