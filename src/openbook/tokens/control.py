"""Control tokens: the pieces that steer a model, which a user's text must not be able to write.

The library matches every added token in any text, so that a typed ``<|endoftext|>`` or ``[SEP]`` would end or part
what the model reads. Here a text is encoded by a twin of the tokenizer in which each control token has a secret name:
as the user types it, it is cut into pieces like any other characters.
"""

import re
import secrets
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

from openbook.tokens.definition import Definition

_BRACKETED = re.compile(r"<.+>|\[.+\]", re.DOTALL)


def control_tokens(definition: Definition) -> frozenset[str]:
    """What this file can steer a model with.

    Added tokens that are flagged special, or written in <> or [] (Qwen's <tool_call> is not flagged); what the template
    sets around a text; the piece for unknown words. Other added tokens, such as runs of spaces, are plain text.
    """
    added = (token for token in definition["added_tokens"])
    found = {token["content"] for token in added if token.get("special") or _BRACKETED.fullmatch(token["content"])}
    unknown: object = definition["model"].get("unk_token")
    if isinstance(unknown, str):
        found.add(unknown)
    for processor in _processors(definition.get("post_processor")):
        found |= {str(name) for name in processor.get("special_tokens") or ()}
        found |= {str(processor[end][0]) for end in ("cls", "sep") if processor.get(end)}
    return frozenset(found)


def _processors(processor: object) -> list[dict[str, Any]]:
    """The processor, and those inside it where it is a sequence of several."""
    if not isinstance(processor, dict):
        return []
    parts = cast("dict[str, Any]", processor)
    return [parts, *(part for inner in parts.get("processors") or () for part in _processors(inner))]


def disarmed(definition: Definition, tokens: Collection[str]) -> tuple[Definition, Mapping[str, str]]:
    """The twin in which no text can hold these control tokens, and each secret name with the token it stands for.

    Ids stay. A merge that would make up a control token from what was typed is left out.
    """
    key = secrets.token_hex(16)
    names = {token: f"\0{key} {place}" for place, token in enumerate(sorted(tokens))}

    def renamed(piece: str) -> str:
        return names.get(piece, piece)

    added = [
        {**token, "content": renamed(token["content"]), **({"normalized": False} if token["content"] in names else {})}
        for token in definition["added_tokens"]
    ]
    model = _renamed_model(definition["model"], renamed, names)
    twin = {**definition, "added_tokens": added, "model": model}
    return twin, {name: token for token, name in names.items()}


def _renamed_model(model: Mapping[str, Any], renamed: Callable[[str], str], names: Mapping[str, str]) -> dict[str, Any]:
    twin = dict(model)
    vocab: object = model["vocab"]
    if isinstance(vocab, list):
        twin["vocab"] = [[renamed(row[0]), *row[1:]] for row in cast("list[list[Any]]", vocab)]
    else:
        twin["vocab"] = {renamed(piece): number for piece, number in cast("dict[str, int]", vocab).items()}
    if isinstance(model.get("unk_token"), str):
        twin["unk_token"] = renamed(model["unk_token"])
    if model["type"] == "BPE":
        prefix = model.get("continuing_subword_prefix") or ""
        twin["merges"] = [rule for rule in model["merges"] if not _makes(rule, prefix, names)]
    return twin


def _makes(rule: list[str], prefix: str, names: Mapping[str, str]) -> bool:
    first, second = rule
    return first in names or second in names or first + second.removeprefix(prefix) in names
