"""What a policy reads of a pair: texts in the recipe's template, conversations as its model is spoken to.

A model with a chat template reads a conversation through it, up to where it speaks; a reply then stands behind what the
template sets before one. Only what the template wrote may become control tokens. A model without one reads a lone
message of the user's as if it were a text, and a longer conversation as turns by name (``generate.chat.turns``), as
``openbook generate`` would have it.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from openbook.align.conversations import Messages, is_lone
from openbook.align.groups import Group, Ids
from openbook.align.policy import Policy
from openbook.align.preferences import Pair
from openbook.align.problems import AlignProblem
from openbook.errors import OpenbookError
from openbook.generate.chat import Message, turns
from openbook.generate.template import Template, Written, find_template, written
from openbook.json_lines import shortened
from openbook.train.answers import PLACE


def groups_of(policy: Policy, pairs: Sequence[Pair], template: str, base: Path) -> list[Group]:
    """Each pair as a group of two, every reply with its end. base: the folder that the model's chat template is in.

    Raises AlignProblem, or MissingExtra where a chat template cannot be run.
    """
    chat = find_template(base) if any(pair.messages for pair in pairs) else None
    groups: dict[int, Group] = {}
    for number in sorted(range(len(pairs)), key=lambda n: [said.role for said in pairs[n].messages]):  # runs each once
        pair = pairs[number]
        if not pair.messages or (chat is None and is_lone(pair.messages)):
            groups[number] = group_of(policy, pair, template)
            continue
        if template != PLACE:
            raise AlignProblem("data.template is for prompts that are texts, and these are conversations: leave it out")
        if chat is None:
            groups[number] = _group(policy, ((turns(pair.messages), False),), pair, " ")
        else:
            groups[number] = _by_template(policy, pair, chat)
    return [groups[number] for number in range(len(pairs))]


def group_of(policy: Policy, pair: Pair, template: str) -> Group:
    """The prompt in its template, and both replies with the end token behind them."""
    before, after = template.split(PLACE)
    texts = [before + pair.prompt + after, pair.chosen, pair.rejected]
    prompt, *replies = policy.tokenizer.ids_batch(texts)
    return Group(_array(prompt), tuple(_array([*reply, policy.end]) for reply in replies))


def _by_template(policy: Policy, pair: Pair, chat: Template) -> Group:
    try:
        prompt = written(chat, pair.messages)
        before, after = _around_reply(chat, pair.messages)
    except OpenbookError as error:
        raise AlignProblem(f"the conversation that begins {shortened(pair.messages[0].text)!r}: {error}") from None
    head = "".join(text for text, _ in prompt)
    _check_end(policy, after, chat)
    return _group(policy, prompt, pair, before.removeprefix(head) if before.startswith(head) else "")


def _around_reply(chat: Template, messages: Messages) -> tuple[str, str]:
    """What the template writes before and behind a reply to these messages."""
    parts = written(chat, (*messages, Message("assistant", "reply")))
    place = max(number for number, (_, steers) in enumerate(parts) if not steers)
    before, after = ("".join(text for text, _ in some) for some in (parts[:place], parts[place + 1 :]))
    return before, after


def _check_end(policy: Policy, after: str, chat: Template) -> None:
    """Raises AlignProblem where the template ends a reply with another control token than the recipe."""
    end = policy.tokenizer.decode([policy.end], special=True)
    ends = [piece for piece in policy.tokenizer.control if after.lstrip().startswith(piece)]
    if ends and end not in after:
        own = max(ends, key=len)
        raise AlignProblem(
            f"the chat template in {chat.where} ends a reply with {own!r}, not {end!r}: set end = {own!r}"
        )


def _group(policy: Policy, prompt: Written, pair: Pair, before: str) -> Group:
    """before: what the template, or a space, sets between the prompt and either reply."""
    read = policy.tokenizer.ids_of_parts
    replies = (read(((before, True), (text, False))) for text in (pair.chosen, pair.rejected))
    return Group(_array(read(prompt)), tuple(_array([*reply, policy.end]) for reply in replies))


def _array(ids: Sequence[int]) -> Ids:
    return np.array(ids, dtype=np.int64)
