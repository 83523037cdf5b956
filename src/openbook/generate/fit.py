"""A prompt that is too long for a model: refused with figures, or the beginning of its longest part slides out."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from openbook.errors import OpenbookError, PromptTooLong
from openbook.tokens import Tokenizer
from openbook.values import Decoding, Prompt

_TRIES = 8
"""A cut text has other tokens at its beginning, so a few may still be too many."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What the model reads. dropped: tokens of the prompt that slid out."""

    ids: list[int]
    dropped: int = 0


def fitted(
    prompt: Prompt, decoding: Decoding, render: Callable[[Prompt], list[int]], tokenizer: Tokenizer, context: int
) -> Fitted:
    """The prompt's ids, at most ``context``; where it slides, what is to be written has room too, up to half of it.

    Raises PromptTooLong where it is too long and is not to slide, OpenbookError where it has no token at all.
    """
    ids = render(prompt)
    if not ids:
        raise OpenbookError("the prompt has no token that the model knows: give it some words")
    whole, over = len(ids), len(ids) - context
    if over <= 0:
        return Fitted(ids)
    if decoding.overflow == "slide":
        most = context + 1 - min(decoding.max_tokens, context // 2)  # the last token written is not read
        for _ in range(_TRIES):
            prompt = _shorter(prompt, len(ids) - most, tokenizer)
            ids = render(prompt)
            if len(ids) <= most:
                return Fitted(ids, whole - len(ids))
    raise PromptTooLong(
        f"the prompt has {whole:,} tokens, {over:,} more than the model's context of {context:,}: shorten it"
    )


def _shorter(prompt: Prompt, over: int, tokenizer: Tokenizer) -> Prompt:
    """Without so many tokens of the longest part. Parts are cut before they are fenced, so that a fence stays whole."""
    place = max(range(len(prompt)), key=lambda number: len(prompt[number].text))
    longest = prompt[place]
    offsets = tokenizer.encode(longest.text).offsets
    if over >= len(offsets):
        return prompt  # then nothing would be left of what it is about
    cut = replace(longest, text=longest.text[offsets[over][0] :])
    return (*prompt[:place], cut, *prompt[place + 1 :])
