"""Preferences in messages, as TRL has them, cut into the turns of a prompt and the two replies that were compared.

    {"prompt": [{"role": "user", "content": "..."}], "chosen": [{"role": "assistant", "content": "..."}], "rejected": …}
    {"chosen": [user, assistant], "rejected": [user, assistant]}     whole conversations that share their beginning

The prompt may be a text beside whole conversations, and a reply a text beside a list of messages. Texts alone are read:
no pictures, no tools.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias, cast, get_args

from openbook.generate.chat import Message, Speaker, turns
from openbook.json_lines import BadData
from openbook.report.plural import plural

MOST = 200
"""Messages of a conversation."""

Messages: TypeAlias = tuple[Message, ...]


def cut_chat(prompt: object, chosen: object, rejected: object, where: str) -> tuple[Messages, str, str]:
    """The prompt's turns, the chosen and the rejected reply. Each is a list of messages or a text, or no prompt at all.

    Raises BadData, with ``where``, for what cannot be read, and where more than one reply of each was compared.
    """
    one, other = _messages(chosen, "chosen", where), _messages(rejected, "rejected", where)
    listed = isinstance(prompt, list)
    begins = _messages(cast("list[object]", prompt), "prompt", where) if listed else _shared(one, other)
    size = len(begins)
    if size and one[:size] == begins == other[:size]:
        one, other = one[size:], other[size:]
    if isinstance(prompt, str) and prompt.strip():
        if begins and prompt not in [message.text for message in begins]:
            raise BadData(f"{where} has a prompt that is no message of what chosen and rejected share: remove one")
        begins = begins or (Message("user", prompt),)
    if not begins or begins[-1].role == "assistant":
        raise BadData(f"{where} has no message before the replies that asks for them: put it into prompt")
    return begins, _reply(one, "chosen", where), _reply(other, "rejected", where)


def prompt_of(messages: Messages) -> str:
    """The turns as a text: a lone message of the user's as it is, others by the names of who speaks."""
    return messages[0].text if is_lone(messages) else turns(messages)


def is_lone(messages: Messages) -> bool:
    """Whether one message of the user's is all there is."""
    return len(messages) == 1 and messages[0].role == "user"


def as_rows(messages: Sequence[Message]) -> list[dict[str, str]]:
    """The messages as a file has them."""
    return [{"role": message.role, "content": message.text} for message in messages]


def _messages(said: object, name: str, where: str) -> Messages:
    if isinstance(said, str):
        return (Message("assistant", said),)
    found = cast("list[object]", said)
    if len(found) > MOST:
        raise BadData(f"{where} has {len(found):,} messages in {name}, at most {MOST} are read: remove it")
    return tuple(_message(cast("dict[str, Any]", one) if isinstance(one, dict) else {}, name, where) for one in found)


def _message(fields: dict[str, Any], name: str, where: str) -> Message:
    role, content = fields.get("role"), fields.get("content")
    roles = get_args(Speaker)
    if role not in roles or not isinstance(content, str):
        raise BadData(f"{where} has a message in {name} without a text as content, or a role of {', '.join(roles)}")
    if fields.get("tool_calls"):
        raise BadData(f"{where} has a message in {name} that calls tools, which is not read: remove the line")
    return Message(cast("Speaker", role), content)


def _shared(one: Messages, other: Messages) -> Messages:
    """What both begin with, but for the last message of either."""
    most = min(len(one), len(other)) - 1
    size = next((n for n in range(most) if one[n] != other[n]), most)
    return one[: max(size, 0)]


def _reply(messages: Messages, name: str, where: str) -> str:
    if len(messages) != 1 or messages[0].role != "assistant":
        count = plural(len(messages), "message")
        raise BadData(
            f"{where} has {count} in {name} behind what is shared, and one of the assistant's is what can be compared: "
            "cut it to one reply, or remove the line"
        )
    return messages[0].text
