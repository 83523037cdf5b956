"""Text as it streams: whole characters only, and together exactly what decoding all ids gives."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import CORPUS, SPECIAL
from tokenizers import Tokenizer as Engine
from tokenizers import decoders, models

from openbook import tokens
from openbook.generate.pieces import Pieces
from openbook.tokens import Tokenizer


def byte_level() -> Tokenizer:
    return tokens.train_bpe(CORPUS, 340, special=SPECIAL)


def sentencepiece(*, metaspace: bool) -> Tokenizer:
    """Llama's layout: a piece for each byte beside words with ▁, in the older decoder and in the newer."""
    pieces = ["<unk>", "<s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "▁the", "a", "▁a", "é", "\ufffd"]
    engine = Engine(models.BPE({piece: n for n, piece in enumerate(pieces)}, [], unk_token="<unk>", byte_fallback=True))
    last = decoders.Metaspace() if metaspace else decoders.Strip(" ", 1, 0)
    first = [] if metaspace else [decoders.Replace("▁", " ")]
    engine.decoder = decoders.Sequence([*first, decoders.ByteFallback(), decoders.Fuse(), last])
    engine.add_special_tokens(["<unk>", "<s>"])
    return Tokenizer(json.loads(engine.to_str()))


TOKENIZERS = {
    "byte level": byte_level(),
    "sentencepiece": sentencepiece(metaspace=False),
}


@pytest.mark.parametrize("kind", TOKENIZERS)
@given(data=st.data())
def test_joined_text_equals_decoding_all_ids(kind: str, data: st.DataObject) -> None:
    tokenizer = TOKENIZERS[kind]
    written = st.sampled_from(["é", "你好", "🙂", "the a", "\n", " "]).map(lambda text: tokenizer.encode(text).ids)
    anything = st.sampled_from(sorted(tokenizer.ids)).map(lambda number: (number,))
    ids = [n for part in data.draw(st.lists(written | anything, max_size=12)) for n in part]
    pieces = Pieces(tokenizer)
    given_out = [pieces.add(number) for number in ids]
    assert "".join(given_out) + pieces.rest() == tokenizer.decode(ids)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_no_piece_ends_in_half_a_character(kind: str) -> None:
    tokenizer = TOKENIZERS[kind]
    pieces = Pieces(tokenizer)
    text = "a 你好 🙂 é" if kind == "byte level" else "a🙂a"
    given_out = [pieces.add(number) for number in tokenizer.encode(text).ids]
    assert "\ufffd" not in "".join(given_out)
    assert "" in given_out
    assert pieces.rest() == ""


def test_a_token_alone_has_its_text_as_it_would_follow() -> None:
    tokenizer = TOKENIZERS["sentencepiece"]
    pieces = Pieces(tokenizer)
    pieces.add(tokenizer.id_of("a"))
    assert pieces.alone(tokenizer.id_of("▁the")) == " the"
    assert pieces.alone(tokenizer.id_of("<s>")) == "<s>"
