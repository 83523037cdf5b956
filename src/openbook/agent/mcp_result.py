"""What a tool of a server gave, as text: everything else is named and not decoded."""

from collections.abc import Mapping, Sequence
from json import dumps
from typing import Any

from openbook.agent.tool import ToolFailed
from openbook.json_lines import shortened
from openbook.values import Json

LONGEST_RESULT = 1_000_000
"""Characters of a result."""

MOST_PIECES = 1_000


def text_of(content: Sequence[Any], structured: Json, *, failed: bool, tool: str) -> str:
    """The texts of a result, a line between two; its structured part as JSON where it has no other.

    content: the SDK's blocks. Raises ToolFailed, in the server's words, where it says that the call failed.
    """
    pieces = [_piece(block) for block in content[:MOST_PIECES]]
    if len(content) > MOST_PIECES:
        pieces.append(f"[{len(content) - MOST_PIECES:,} more pieces left out]")
    if not pieces and structured is not None:
        pieces = [dumps(structured, ensure_ascii=False)]
    text = "\n".join(pieces)
    if failed:
        raise ToolFailed(f"{tool} failed: {shortened(text, 500) or 'it does not say why'}")
    if len(text) > LONGEST_RESULT:
        raise ToolFailed(f"{tool} gave {len(text):,} characters, at most {LONGEST_RESULT:,} are read: ask it for less")
    return text


def _piece(block: Any) -> str:
    kind = str(getattr(block, "type", "something"))
    if kind == "text":
        return str(block.text)
    if kind in ("image", "audio"):
        return f"[{kind}, {shortened(str(block.mime_type), 40)}, {len(block.data):,} characters: not read]"
    if kind == "resource_link":
        return f"[a link to {shortened(str(block.uri), 300)}: not followed]"
    if kind == "resource":
        inside = block.resource
        text = getattr(inside, "text", None)
        named = shortened(str(inside.uri), 300)
        return f"[{named}]\n{text}" if isinstance(text, str) else f"[{named}: not read]"
    return f"[{shortened(kind, 40)}: not read]"


def as_json(value: Any) -> Mapping[str, Json]:
    """A model of the SDK's as plain JSON; nothing for none."""
    return {} if value is None else value.model_dump(mode="json", by_alias=True, exclude_none=True)
