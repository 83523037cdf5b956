"""The ways of cutting texts into words before BPE that other programs know by a name, as llama.cpp calls them.

Programs that do not run the pattern of a tokenizer.json have those of known models built in.
"""

from collections.abc import Mapping
from typing import Any, cast

_CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_WORDS = r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PATTERNS = {_CONTRACTIONS + _WORDS % "{1,3}": "llama-bpe", _CONTRACTIONS + _WORDS % "": "qwen2"}
"""Of Llama 3 and of Qwen2."""

WHOLE_WORDS_FIRST = ("llama-bpe",)
"""Names under which llama.cpp looks a whole word up before it merges."""


def cut_of(pre_tokenizer: object) -> str | None:
    """llama.cpp's name of the way in which texts are cut into words, if it has one."""
    steps = steps_of(pre_tokenizer)
    if not steps or steps[-1].get("type") != "ByteLevel" or steps[-1].get("add_prefix_space", True):
        return None
    by_gpt2 = steps[-1].get("use_regex", True)
    match steps[:-1]:
        case [] if by_gpt2:
            return "gpt-2"
        case [{"type": "Digits", "individual_digits": True}] if by_gpt2:
            return "smollm"
        case [{"type": "Split", "pattern": {"Regex": str(pattern)}, "behavior": "Isolated"} as step] if not by_gpt2:
            return None if step.get("invert") else PATTERNS.get(pattern)
        case _:
            return None


def steps_of(step: object) -> list[Mapping[str, Any]]:
    """The steps of a pre-tokenizer or decoder in order, those of a sequence one by one."""
    if not isinstance(step, dict):
        return []
    fields = cast("dict[str, Any]", step)
    inner = fields.get("pretokenizers") or fields.get("decoders")
    return (
        [fields]
        if not isinstance(inner, list)
        else [each for one in cast("list[Any]", inner) for each in steps_of(one)]
    )
