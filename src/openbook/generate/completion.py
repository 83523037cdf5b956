"""The chat completions API, OpenAI's, which vLLM, llama.cpp and Ollama serve too: requests, and tokens of events."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from openbook.errors import OpenbookError
from openbook.generate.chat import is_material, messages_of
from openbook.json_lines import shortened
from openbook.tokens.encoding import well_formed
from openbook.values import Decoding, Json, Part, Prompt, Token

_OPTIONAL = {
    "logprobs": ("logprobs", "top_logprobs"),
    "response_format": ("response_format",),
    "json_schema": ("response_format",),
    "stream_options": ("stream_options",),
    "seed": ("seed",),
}
"""What a refusal may name, and the fields to do without: a token then has no log-probability, the schema only a caller
that checks, and a seed repeats nothing.
"""

_CONTROL = re.compile(r"<\|(?=[^\s|<>]{1,40}\|>)|<(?=/?s>)|<(?=(?:start|end)_of_turn>)|<(?=｜)|\[(?=/?INST\])")


def request_of(model: str, prompt: Prompt, decoding: Decoding) -> dict[str, Json]:
    """The body of a request for a stream. Texts from outside cannot spell the control tokens of common models."""
    messages = messages_of(tuple(_parted(part) if is_material(part) else part for part in prompt))
    body: dict[str, Json] = {
        "model": model,
        "messages": [{"role": message.role, "content": well_formed(message.text)} for message in messages],
        "max_tokens": decoding.max_tokens,
        "temperature": decoding.temperature,
        "seed": decoding.seed,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if decoding.top_p < 1:
        body["top_p"] = decoding.top_p
    if decoding.top_k:
        body["top_k"] = decoding.top_k  # not OpenAI's, but everyone else's
    if decoding.min_p:
        body["min_p"] = decoding.min_p  # vLLM's and llama.cpp's
    if decoding.repetition_penalty != 1:
        body |= dict.fromkeys(("repetition_penalty", "repeat_penalty"), decoding.repetition_penalty)  # vLLM's, llama's
    if decoding.stop:
        body["stop"] = decoding.stop[:4]  # the most the API takes; the others are looked for here
    if decoding.alternatives:
        body |= {"logprobs": True, "top_logprobs": decoding.alternatives}
    if decoding.schema is not None:
        named = {"name": "output", "strict": True, "schema": decoding.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    return body


def less_asked(body: Mapping[str, Json], refusal: str) -> dict[str, Json] | None:
    """The request without what the refusal names, else without log-probabilities; None where neither is in it."""
    if "max_completion_tokens" in refusal and "max_tokens" in body:
        return {("max_completion_tokens" if name == "max_tokens" else name): value for name, value in body.items()}
    named = [fields for name, fields in _OPTIONAL.items() if name in refusal]
    for fields in (*named, _OPTIONAL["logprobs"]):
        if any(field in body for field in fields):
            return {field: value for field, value in body.items() if field not in fields}
    return None


@dataclass(frozen=True, slots=True)
class Said:
    """What one event says. choice: whether it holds one, as all but a count of usage must. finish: the server's word
    for why nothing follows, empty before. usage: tokens read and written, where it counts them.
    """

    tokens: tuple[Token, ...] = ()
    choice: bool = False
    finish: str = ""
    usage: tuple[int, int] | None = None


def said_in(event: str, alternatives: int) -> Said:
    """Raises OpenbookError where it is no event of this API, or tells of a fault."""
    try:
        found: Any = json.loads(event)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise OpenbookError(
            f"the server's answer is no JSON object ({shortened(event)}): is it an OpenAI-compatible one?"
        )
    fields = cast("Mapping[str, Any]", found)
    if fields.get("error") or fields.get("object") == "error":
        raise OpenbookError(f"the server stopped: {shortened(fault_in(fields), 160)}")
    choice = _first(fields.get("choices"))
    content = _object(choice.get("delta") or choice.get("message")).get("content")
    entries = _objects(_object(choice.get("logprobs")).get("content"))
    tokens = _tokens(content if isinstance(content, str) else "", entries, alternatives)
    finish = shortened(str(choice.get("finish_reason") or ""), 40)
    return Said(tokens, bool(choice), finish, _usage(_object(fields.get("usage"))))


def finish_of(said: str, wrote: int | None, most: int) -> str:
    """A server's word in those of ``Token.finish``. A length that is short of what was asked for is the context's."""
    if said == "length":
        return "context" if wrote is not None and wrote < most else "max_tokens"
    return "end" if said == "stop" else said


def fault_in(fields: Mapping[str, Any]) -> str:
    """The server's own words on what went wrong."""
    fault: object = fields.get("error") or fields
    return fault if isinstance(fault, str) else str(_object(fault).get("message") or fields.get("detail"))


def _tokens(content: str, entries: Sequence[Mapping[str, Any]], alternatives: int) -> tuple[Token, ...]:
    """One token an entry. Where their texts are not the content, as with half a character, the last has all of it."""
    if not entries:
        return (Token(-1, content),) if content else ()
    texts = [str(entry.get("token", "")) for entry in entries]
    if "".join(texts) != content:
        texts = [*("" for _ in entries[1:]), content]
    return tuple(
        Token(-1, text, _logprob(entry), _alternatives(entry, alternatives))
        for text, entry in zip(texts, entries, strict=True)
    )


def _alternatives(entry: Mapping[str, Any], most: int) -> tuple[tuple[str, float], ...]:
    named = [(str(each.get("token", "")), _logprob(each)) for each in _objects(entry.get("top_logprobs"))]
    known = [(text, logprob) for text, logprob in named if logprob is not None]
    return tuple(sorted(known, key=lambda pair: -pair[1])[:most])


def _logprob(entry: Mapping[str, Any]) -> float | None:
    found = entry.get("logprob")
    return float(found) if isinstance(found, int | float) and math.isfinite(found) else None


def _usage(fields: Mapping[str, Any]) -> tuple[int, int] | None:
    read, wrote = fields.get("prompt_tokens"), fields.get("completion_tokens")
    return (read, wrote) if type(read) is int and type(wrote) is int else None


def _parted(part: Part) -> Part:
    """A server reads the text with its own tokenizer, which may take what looks like a control token for one."""
    return replace(part, text=_CONTROL.sub(lambda found: found.group() + " ", part.text))


def _first(found: object) -> Mapping[str, Any]:
    listed = _objects(found)
    return listed[0] if listed else {}


def _objects(found: object) -> list[Mapping[str, Any]]:
    listed = cast("list[object]", found) if isinstance(found, list) else []
    return [cast("Mapping[str, Any]", each) for each in listed if isinstance(each, dict)]


def _object(found: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}
