"""What a model writes after a prompt, the likeliest token each time: enough to see what fine-tuning changed."""

import torch

from openbook.model import Decoder
from openbook.tokens import Tokenizer
from openbook.train.techniques import evaluating


def continuation(model: Decoder, tokenizer: Tokenizer, prompt: str, tokens: int, end: str = "") -> str:
    """Up to ``tokens`` tokens after the prompt, greedily; it stops at ``end`` and where the context is full."""
    ids = tokenizer.ids_batch([prompt])[0][-(model.config.context - 1) :]
    stop = tokenizer.id_of(end) if end else None
    cache = model.cache(1, model.config.context)
    written: list[int] = []
    with evaluating(model):
        step = torch.tensor([ids])
        while len(written) < tokens and cache.used + step.shape[1] <= model.config.context:
            best = int(model.logits(model(step, cache=cache)[0, -1]).argmax())
            if best == stop:
                break
            written.append(best)
            step = torch.tensor([[best]])
    return tokenizer.decode(written)
