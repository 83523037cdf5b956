"""Likeliest texts of many problems at once: what the engine writes at temperature 0, hundreds of times quicker."""

from collections.abc import Sequence
from typing import Any, cast

import torch

from openbook.labs.chain_of_thought.words import END, IDS, WORDS
from openbook.labs.discriminative_generative.fit import one_thread
from openbook.model import Decoder
from openbook.train.techniques import attention_kernel


@torch.inference_mode()
def greedy(model: Decoder, prompts: Sequence[str], most: int) -> list[str]:
    """A text for each prompt, of at most so many words. All prompts have as many words."""
    ids = torch.tensor([[IDS[word] for word in prompt.split()] for prompt in prompts])
    most = min(most, model.config.context - ids.shape[1])
    said: list[torch.Tensor] = []
    with one_thread(), attention_kernel("plain"):
        cache = model.cache(len(prompts), ids.shape[1] + most)
        ended = torch.zeros(len(prompts), dtype=torch.bool)
        for _ in range(most):
            ids = model.logits(model(ids, cache=cache)[:, -1]).argmax(dim=-1, keepdim=True)
            said.append(ids)
            ended |= ids[:, 0] == IDS[END]
            if bool(ended.all()):
                break
    rows = cast("list[list[int]]", cast("Any", torch.cat(said, dim=1)).tolist())
    return [_text(row) for row in rows]


def _text(row: list[int]) -> str:
    words = [WORDS[number] for number in row]
    return " ".join(words[: words.index(END)] if END in words else words)
