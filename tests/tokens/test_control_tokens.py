"""What a user types is text: no control token comes of it unless that was asked for, whatever the file says."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from token_samples import assigned_text

from openbook.encode.folder import SHIPPED
from openbook.tokens import Tokenizer, TokenProblem, load, train_bpe
from openbook.tokens.encoding import well_formed

CHAT = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def added(content: str, number: int, *, special: bool = True, **flags: bool) -> dict[str, Any]:
    plain = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": content, "special": special, **plain, **flags}


def words_of(vocab: Mapping[str, int], kind: str = "WordPiece", **more: Any) -> dict[str, Any]:
    """A tokenizer whose words are parted at white space alone, so that a typed [SEP] is a word of the vocabulary."""
    options = {"continuing_subword_prefix": "##", "max_input_chars_per_word": 100} if kind == "WordPiece" else {}
    return {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": kind, "vocab": dict(vocab), "unk_token": "[UNK]", **options},
        **more,
    }


def test_the_shipped_vocabulary_reads_typed_markers_as_text() -> None:
    tokenizer = load(SHIPPED / "tokenizer.json")
    encoding = tokenizer.encode("a [SEP] b [MASK]")
    assert not {tokenizer.id_of(token) for token in tokenizer.control}.intersection(encoding.ids)
    assert encoding.pieces == ("a", "[", "sep", "]", "b", "[", "mask", "]")
    assert encoding.offsets[1:4] == ((2, 3), (3, 6), (6, 7))


def test_a_bpe_reads_its_typed_markers_as_text_and_gives_them_back() -> None:
    tokenizer = train_bpe(["<|im_start|>user says hello<|im_end|> " * 20], 400, special=CHAT)
    text = "x<|im_end|><|endoftext|>"
    encoding = tokenizer.encode(text)
    assert not {tokenizer.id_of(token) for token in CHAT}.intersection(encoding.ids)
    assert tokenizer.decode(encoding.ids) == text
    assert tokenizer.encode_batch([text]) == [encoding]
    assert tokenizer.ids_batch([text]) == [list(encoding.ids)]


def test_asked_for_they_are_control_tokens() -> None:
    tokenizer = train_bpe(["hello world " * 20], 300, special=CHAT)
    end, start = tokenizer.id_of("<|im_end|>"), tokenizer.id_of("<|im_start|>")
    text = "<|im_start|>hi<|im_end|>"
    assert {start, end} <= set(tokenizer.encode(text, special=True).ids)
    one = tokenizer.encode(text, special={"<|im_end|>"})
    assert end in one.ids
    assert start not in one.ids
    assert one.offsets[one.ids.index(end)] == (14, 24)
    assert tokenizer.decode(one.ids) == "<|im_start|>hi"
    assert tokenizer.decode(one.ids, special=True) == text


def test_an_unknown_name_is_refused() -> None:
    tokenizer = train_bpe(["hello"], 300)
    with pytest.raises(TokenProblem, match=r"'<\|im_end\|>' is no control token"):
        tokenizer.encode("x", special=["<|im_end|>"])


@given(text=st.lists(st.sampled_from([*CHAT, "<|", "|>", "im_end", " ", "a"]), max_size=12).map("".join))
def test_no_text_makes_a_control_token(chat: Tokenizer, text: str) -> None:
    assert not {chat.id_of(token) for token in CHAT}.intersection(chat.encode(text).ids)
    assert chat.decode(chat.encode(text).ids) == text


@pytest.fixture(scope="module")
def chat() -> Tokenizer:
    return train_bpe(["<|im_start|> hello <|im_end|> <|endoftext|>" * 30], 400, special=CHAT)


@pytest.mark.parametrize("kind", ["WordPiece", "WordLevel"])
def test_a_marker_that_is_a_word_of_the_vocabulary_is_none_when_typed(kind: str) -> None:
    vocab = {"[UNK]": 0, "[SEP]": 1, "a": 2}
    template = {
        "type": "TemplateProcessing",
        "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {"[SEP]": {"id": "[SEP]", "ids": [1], "tokens": ["[SEP]"]}},
    }
    tokenizer = Tokenizer(words_of(vocab, kind, post_processor=template))
    encoding = tokenizer.encode("a [SEP] a")
    assert encoding.pieces == ("a", "[UNK]", "a")  # a word like any that is not in the vocabulary
    assert 1 not in encoding.ids


def test_a_typed_unknown_marker_is_an_unknown_word_as_any_other() -> None:
    tokenizer = Tokenizer(words_of({"[UNK]": 0, "a": 1}))
    assert tokenizer.encode("a [UNK] zz").ids == (1, 0, 0)
    assert tokenizer.unknown == 0


def test_added_tokens_in_brackets_are_control_tokens_though_not_flagged() -> None:
    tokens = [added("<tool_call>", 2, special=False), added("covid", 3, special=False, normalized=True)]
    tokenizer = Tokenizer(words_of({"[UNK]": 0, "a": 1}, added_tokens=tokens))
    assert tokenizer.control == {"[UNK]", "<tool_call>"}
    assert 2 not in tokenizer.encode("a <tool_call> covid").ids
    assert 3 in tokenizer.encode("a <tool_call> covid").ids
    assert 2 in tokenizer.encode("a <tool_call> covid", special=True).ids


def test_tokens_that_strip_or_want_whole_words_are_disarmed_too() -> None:
    tokens = [added("[SEP]", 1, lstrip=True, rstrip=True), added("[MASK]", 2, single_word=True, normalized=True)]
    tokenizer = Tokenizer(words_of({"[UNK]": 0, "[SEP]": 1, "[MASK]": 2, "a": 3}, added_tokens=tokens))
    assert tokenizer.encode("a [SEP] [MASK] a").ids == (3, 0, 0, 3)
    assert tokenizer.encode("a [SEP] a", special=True).ids == (3, 1, 3)


def test_a_merge_cannot_make_a_control_token() -> None:
    symbols = {piece: number for number, piece in enumerate(["<", "e", ">", "<e", "<e>"])}
    model = {"type": "BPE", "vocab": symbols, "merges": [["<", "e"], ["<e", ">"]]}
    tokenizer = Tokenizer({"added_tokens": [added("<e>", 4)], "model": model})
    assert tokenizer.encode("<e>").pieces == ("<e", ">")
    assert tokenizer.encode("<e>", special=True).pieces == ("<e>",)


def test_a_unigram_cannot_match_one() -> None:
    vocab = [["<unk>", 0.0], ["</s>", 0.0], ["<", -3.0], ["/", -3.0], ["s", -3.0], [">", -3.0]]
    tokenizer = Tokenizer(
        {"added_tokens": [added("</s>", 1)], "model": {"type": "Unigram", "unk_id": 0, "vocab": vocab}}
    )
    assert tokenizer.encode("</s>").pieces == ("<", "/", "s", ">")
    assert tokenizer.unknown == 0


@given(text=assigned_text)
def test_plain_text_is_encoded_alike_either_way(bpe: Tokenizer, text: str) -> None:
    if "<|endoftext|>" not in text:
        assert bpe.encode(text) == bpe.encode(text, special=True)


WRITTEN = assigned_text | st.sampled_from([*CHAT, "<|im_", "end|>", "hello "])
PARTS = st.lists(st.tuples(WRITTEN, st.booleans()), max_size=6)


@given(PARTS)
def test_parts_are_read_as_one_text_and_only_some_may_steer(parts: list[tuple[str, bool]]) -> None:
    tokenizer = train_bpe(["hello world " * 20], 300, special=CHAT)
    steering = {tokenizer.id_of(token) for token in CHAT}
    found = tokenizer.ids_of_parts(parts)
    whole = "".join(well_formed(text) for text, _ in parts)
    assert tokenizer.decode(found, special=True) == whole
    assert sum(number in steering for number in found) == sum(
        text.count(token) for text, steers in parts if steers for token in CHAT
    )
    assert tokenizer.ids_of_parts([(text, False) for text, _ in parts]) == list(tokenizer.encode(whole).ids)
