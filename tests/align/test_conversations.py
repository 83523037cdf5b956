"""Pairs in messages, as TRL has them: what is read of a line, and what a policy reads of a conversation."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_base import base
from transformers import PreTrainedTokenizerFast

from openbook.align.conversations import MOST, cut_chat, prompt_of
from openbook.align.pair_tokens import groups_of
from openbook.align.policy import Policy, opened
from openbook.align.preferences import Pair, checked, read, write_pairs
from openbook.align.problems import AlignProblem
from openbook.generate.chat import Message
from openbook.json_lines import BadData
from openbook.train.answers import PLACE
from openbook.train.finetune_recipe import Base
from openbook.train.learnt import copy_beside

CONTROL = ("<|im_start|>", "<|im_end|>")
CHATML = (
    "{%- for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{%- endfor %}"
    "{%- if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
BRACKETS = (
    "{%- for message in messages %}{% if message['role'] == 'user' %}({{ message['content'] }}){% else %}"
    " {{ message['content'] }}<|im_end|>{% endif %}{%- endfor %}"
)  # as Llama 2's: a space before a reply that its prompt does not end with
SHY = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}" + BRACKETS


def said(*turns: str) -> list[dict[str, str]]:
    """``u`` and ``a`` and ``s`` before a colon are the user, the assistant and the system."""
    roles = {"u": "user", "a": "assistant", "s": "system"}
    return [{"role": roles[turn[0]], "content": turn[2:]} for turn in turns]


def of(*turns: str) -> tuple[Message, ...]:
    return tuple(Message(row["role"], row["content"]) for row in said(*turns))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("prompt", "chosen", "rejected", "wanted"),
    [
        (said("u:hi"), said("a:yes"), said("a:no"), (of("u:hi"), "yes", "no")),
        (None, said("u:hi", "a:yes"), said("u:hi", "a:no"), (of("u:hi"), "yes", "no")),
        (said("u:hi"), said("u:hi", "a:yes"), said("u:hi", "a:no"), (of("u:hi"), "yes", "no")),
        ("hi", said("u:hi", "a:yes"), said("u:hi", "a:no"), (of("u:hi"), "yes", "no")),
        ("hi", said("s:s", "u:hi", "a:yes"), said("s:s", "u:hi", "a:no"), (of("s:s", "u:hi"), "yes", "no")),
        ("hi", said("a:yes"), said("a:no"), (of("u:hi"), "yes", "no")),
        (said("u:hi"), "yes", said("a:no"), (of("u:hi"), "yes", "no")),
        ("", said("u:q", "a:b", "u:c", "a:d"), said("u:q", "a:b", "u:c", "a:d"), (of("u:q", "a:b", "u:c"), "d", "d")),
    ],
)
def test_what_both_share_is_the_prompt(prompt: Any, chosen: Any, rejected: Any, wanted: Any) -> None:
    assert cut_chat(prompt, chosen, rejected, "here") == wanted


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"chosen": said("a:yes"), "rejected": said("a:no")}, "no message before the replies"),
        ({"chosen": said("u:hi", "a:x", "a:yes"), "rejected": said("u:hi", "a:x", "a:no")}, "no message before"),
        ({"chosen": said("u:hi", "a:yes"), "rejected": said("u:ho", "a:no")}, "no message before"),
        (
            {"prompt": said("u:hi"), "chosen": said("a:x", "u:y", "a:z"), "rejected": said("a:x")},
            "3 messages in chosen",
        ),
        ({"prompt": said("u:hi"), "chosen": said("u:x"), "rejected": said("a:x")}, "1 message in chosen behind"),
        ({"prompt": said("u:hi"), "chosen": [], "rejected": said("a:x")}, "0 messages in chosen"),
        (
            {"prompt": "ho", "chosen": said("u:hi", "a:x"), "rejected": said("u:hi", "a:y")},
            "a prompt that is no message",
        ),
        ({"prompt": [{"role": "tool", "content": "x"}], "chosen": "a", "rejected": "b"}, "a role of system, user"),
        ({"prompt": [{"role": "user", "content": [{"type": "image"}]}], "chosen": "a", "rejected": "b"}, "a text as"),
        ({"prompt": ["hi"], "chosen": "a", "rejected": "b"}, "a message in prompt without a text"),
        ({"prompt": said("u:hi"), "chosen": [{**said("a:x")[0], "tool_calls": [1]}], "rejected": "b"}, "calls tools"),
        ({"prompt": said("u:hi"), "chosen": "a", "rejected": "b", "tools": [{}]}, "offers tools"),
        ({"prompt": said("u:hi") * (MOST + 1), "chosen": "a", "rejected": "b"}, "201 messages in prompt, at most 200"),
        ({"prompt": said("u:hi"), "chosen": 7, "rejected": "b"}, "has neither texts or lists of messages"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_line(tmp_path: Path, row: dict[str, Any], why: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"prompt": "p", "chosen": "a", "rejected": "b"}) + "\n" + json.dumps(row) + "\n")
    with pytest.raises(BadData, match=f"pairs.jsonl:2 .*{why}") as refused:
        read(path)
    assert "\n" not in str(refused.value)


texts = st.text("ab \n:<|{", max_size=6).map(lambda text: f"x{text}")
turns = st.lists(st.builds(Message, st.sampled_from(["user", "assistant", "system"]), texts), max_size=4)
asked = st.builds(lambda before, last: (*before, Message("user", last)), turns, texts)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(asked, texts, texts), min_size=1, max_size=4), st.booleans())
def test_what_was_written_of_conversations_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[tuple[Message, ...], str, str]], whole: bool
) -> None:
    path = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"

    def listed(messages: tuple[Message, ...], *more: str) -> list[dict[str, str]]:
        return [{"role": m.role, "content": m.text} for m in (*messages, *(Message("assistant", t) for t in more))]

    lines = [
        {"chosen": listed(begins, one), "rejected": listed(begins, other)}
        if whole
        else {"prompt": listed(begins), "chosen": listed((), one), "rejected": listed((), other)}
        for begins, one, other in rows
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    if all(one == other for _, one, other in rows):
        return
    found = read(path).pairs
    assert {(pair.messages, pair.chosen, pair.rejected) for pair in found} == {row for row in rows if row[1] != row[2]}
    write_pairs(path, found)
    assert read(path).pairs == found


@given(asked, asked)
def test_different_conversations_are_different_prompts(one: tuple[Message, ...], other: tuple[Message, ...]) -> None:
    kept = checked(Pair(prompt_of(begins), "a", "b", messages=begins) for begins in (one, other))
    assert len({pair.prompt for pair in kept.pairs}) == len({one, other})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return base(tmp_path_factory.mktemp("chat") / "base", control=CONTROL)


def policy(folder: Path, end: str = "<|im_end|>") -> Policy:
    return opened(Base(str(folder)), None, end, 0, torch.device("cpu"))


def pair(*messages: str) -> Pair:
    return Pair(prompt_of(of(*messages)), "yes", "no", messages=of(*messages))


@pytest.mark.parametrize("template", [CHATML, BRACKETS])
def test_a_chat_template_gives_what_transformers_gives(folder: Path, template: str) -> None:
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    theirs = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), chat_template=template)
    mine = policy(folder)
    for turns in (("u:hi",), ("u:hi", "a:ho", "u:why")):
        (group,) = groups_of(mine, [pair(*turns)], PLACE, folder)
        asked = theirs.apply_chat_template(said(*turns), add_generation_prompt=True, tokenize=True, return_dict=False)
        assert group.prompt.tolist() == asked
        for text, reply in zip(("yes", "no"), group.replies, strict=True):
            whole = theirs.apply_chat_template(said(*turns, f"a:{text}"), tokenize=True, return_dict=False)
            assert whole[: len(asked) + len(reply)] == [*asked, *reply.tolist()]
            assert reply[-1] == mine.end


def test_texts_of_a_conversation_write_no_control_tokens(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text(CHATML, encoding="utf-8")
    mine = policy(folder)
    evil = Pair("p", "<|im_end|>", "<|im_start|>", messages=of("u:<|im_start|>"))
    (group,) = groups_of(mine, [evil], PLACE, folder)
    control = {mine.tokenizer.id_of(piece) for piece in CONTROL}
    assert [sum(n in control for n in ids) for ids in (group.prompt.tolist(), *map(list, group.replies))] == [3, 1, 1]


def test_a_model_without_a_template_reads_a_lone_message_as_a_text_and_more_as_turns(tmp_path: Path) -> None:
    folder = base(tmp_path / "bare")
    mine = policy(folder, "<|endoftext|>")
    lone, text = groups_of(mine, [pair("u:hi"), Pair("hi", "yes", "no")], f"q: {PLACE}\n", folder)
    for one, other in zip((lone.prompt, *lone.replies), (text.prompt, *text.replies), strict=True):
        np.testing.assert_array_equal(one, other)
    (more,) = groups_of(mine, [pair("s:be", "u:hi")], PLACE, folder)
    assert [mine.text(ids) for ids in (more.prompt, *more.replies)] == [
        "ystem: be\n\nser: hi\n\nssistant:", " yes", " no",
    ]  # fmt: skip  # of small letters alone
    with pytest.raises(AlignProblem, match=r"data\.template is for prompts that are texts"):
        groups_of(mine, [pair("s:be", "u:hi")], f"q: {PLACE}", folder)


def test_what_a_template_does_not_take_is_said(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text(CHATML, encoding="utf-8")
    with pytest.raises(AlignProblem, match=r"ends a reply with '<\|im_end\|>', not '<\|endoftext\|>': set end ="):
        groups_of(policy(folder, "<|endoftext|>"), [pair("u:hi")], PLACE, folder)
    (folder / "chat_template.jinja").write_text(SHY, encoding="utf-8")
    (group,) = groups_of(policy(folder), [pair("s:be", "u:hi")], PLACE, folder)
    assert policy(folder).text(group.prompt) == "(be\n\nhi)"  # the system's words as the user's
    (folder / "chat_template.jinja").write_text("{{ raise_exception('not today') }}", encoding="utf-8")
    with pytest.raises(
        AlignProblem, match=r"the conversation that begins 'hi': .* takes no such conversation: not today"
    ):
        groups_of(policy(folder), [pair("u:hi")], PLACE, folder)


def test_pairs_of_texts_and_of_conversations_keep_their_order(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text(CHATML, encoding="utf-8")
    mine = policy(folder)
    pairs = [pair("u:b"), Pair("t", "yes", "no"), pair("s:a", "u:c"), pair("u:d")]
    together = groups_of(mine, pairs, PLACE, folder)
    for one, found in zip(pairs, together, strict=True):
        np.testing.assert_array_equal(groups_of(mine, [one], PLACE, folder)[0].prompt, found.prompt)


def test_what_learnt_keeps_its_chat_template(folder: Path, tmp_path: Path) -> None:
    (folder / "chat_template.jinja").write_text(CHATML, encoding="utf-8")
    copy_beside(folder, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"tokenizer.json", "chat_template.jinja"}
