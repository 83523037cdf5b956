"""The decoder: blind to the future, equal with and without its cache, packed as if alone."""

from collections.abc import Callable

import pytest
import torch

from openbook.model import Decoder, DecoderConfig, RotaryScaling
from openbook.model.config import BadShape

SHAPES = {
    "llama": DecoderConfig(97, 32, 2, 4, 48, 64, key_value_heads=2),
    "window": DecoderConfig(97, 32, 3, 4, 48, 64, window=4, windowed=(0, 2)),
    "window of one": DecoderConfig(97, 32, 2, 4, 48, 64, window=1),
    "yarn": DecoderConfig(97, 32, 2, 4, 48, 64, scaling=RotaryScaling("yarn", 4.0, 8)),
    "gpt2": DecoderConfig(
        97, 32, 2, 4, 64, 64, positions="learned", norm="layer", activation="gelu_tanh",
        bias_attention_in=True, bias_attention_out=True, bias_feed_forward=True,
    ),
    "qwen3": DecoderConfig(97, 32, 2, 4, 48, 64, key_value_heads=2, head_dim=16, query_key_norm=True, tied=False),
}  # fmt: skip


@pytest.fixture(params=SHAPES.values(), ids=SHAPES.keys())
def decoder(request: pytest.FixtureRequest) -> Decoder:
    torch.manual_seed(0)
    return Decoder(request.param).eval()


def ids(rows: int, time: int) -> torch.Tensor:
    return torch.randint(0, 97, (rows, time), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def test_a_later_token_changes_nothing_before_it(decoder: Decoder) -> None:
    text = ids(1, 12)
    changed = text.clone()
    changed[0, 8] = (changed[0, 8] + 1) % 97
    before, after = decoder(text), decoder(changed)
    torch.testing.assert_close(before[:, :8], after[:, :8])
    assert not torch.allclose(before[:, 8:], after[:, 8:])


SPLITS = {"one by one": [1] * 14, "a prompt, then one by one": [5] + [1] * 9, "chunks": [5, 1, 1, 4, 3], "whole": [14]}


@torch.no_grad()
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["FP32", "BF16"])
@pytest.mark.parametrize("split", SPLITS.values(), ids=SPLITS.keys())
def test_the_cache_equals_the_full_pass(decoder: Decoder, split: list[int], dtype: torch.dtype) -> None:
    decoder.to(dtype)
    text = ids(2, 14)
    cache = decoder.cache(2, 14)
    assert cache.keys.dtype == dtype
    pieces = [decoder(part, cache=cache) for part in text.split(split, dim=1)]
    near = 1e-5 if dtype == torch.float32 else 3e-2  # hidden states of size 1, in 8 bits of mantissa
    torch.testing.assert_close(torch.cat(pieces, dim=1), decoder(text), atol=near, rtol=near)


@torch.no_grad()
def test_greedy_decoding_chooses_the_same_with_the_cache_and_without(decoder: Decoder) -> None:
    with_cache = without = ids(1, 3)
    cache, fresh = decoder.cache(1, 20), with_cache
    for _ in range(12):
        fresh = decoder.logits(decoder(fresh, cache=cache)[:, -1]).argmax(-1, keepdim=True)
        with_cache = torch.cat([with_cache, fresh], dim=1)
        next_one = decoder.logits(decoder(without)[:, -1]).argmax(-1, keepdim=True)
        without = torch.cat([without, next_one], dim=1)
    assert with_cache.tolist() == without.tolist()


@torch.no_grad()
def test_a_text_within_the_original_context_is_not_stretched() -> None:
    torch.manual_seed(0)
    plain = Decoder(DecoderConfig(97, 32, 2, 4, 48, 64)).eval()
    dynamic = Decoder(DecoderConfig(97, 32, 2, 4, 48, 64, scaling=RotaryScaling("dynamic", 4.0, 16))).eval()
    dynamic.load_state_dict(plain.state_dict())
    torch.testing.assert_close(dynamic(ids(1, 16)), plain(ids(1, 16)))
    assert not torch.allclose(dynamic(ids(1, 17)), plain(ids(1, 17)))


@torch.no_grad()
def test_packed_documents_are_read_as_if_alone(decoder: Decoder) -> None:
    first, second = ids(1, 6), ids(2, 5)[1:]
    documents = torch.tensor([[0] * 6 + [1] * 5])
    packed = decoder(torch.cat([first, second], dim=1), documents=documents)
    torch.testing.assert_close(packed[:, :6], decoder(first), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(packed[:, 6:], decoder(second), atol=1e-5, rtol=1e-5)


@pytest.mark.slow
def test_training_compiles_into_one_graph(decoder: Decoder) -> None:
    """No graph breaks, packed or not; the eager backend, since it is the graph that is tested."""
    torch.compiler.reset()
    compiled = torch.compile(decoder.train(), fullgraph=True, backend="eager")
    text = ids(2, 12)
    torch.testing.assert_close(compiled(text), decoder(text))
    documents = torch.tensor([[0] * 7 + [1] * 5, [3] * 12])
    torch.testing.assert_close(compiled(text, documents=documents), decoder(text, documents=documents))


@torch.no_grad()
def test_autocast_stays_near_full_precision(decoder: Decoder) -> None:
    text = ids(2, 14)
    with torch.autocast("cpu", torch.bfloat16):
        cache = decoder.cache(2, 14)
        pieces = [decoder(part, cache=cache) for part in text.split([6, 1, 7], dim=1)]
        whole = decoder(text)
    torch.testing.assert_close(whole.float(), decoder(text), atol=3e-2, rtol=3e-2)
    torch.testing.assert_close(torch.cat(pieces, dim=1).float(), decoder(text), atol=3e-2, rtol=3e-2)


WRONG = {
    "an id too high": (lambda d: d(torch.tensor([[3, 97]])), "token id 97 is outside this model's 0 to 96"),
    "an id below 0": (lambda d: d(torch.tensor([[-1]])), "token id -1 is outside"),
    "one row without a batch": (lambda d: d(torch.tensor([3])), r"ids must be \(batch, time\)"),
    "nothing": (lambda d: d(torch.zeros(1, 0, dtype=torch.int64)), "ids must be"),
    "floats": (lambda d: d(torch.zeros(1, 1)), "ids must be int64 or int32, not float32"),
    "too long a text": (lambda d: d(ids(1, 65)), "65 tokens do not fit this model's context of 64"),
    "documents of another shape": (lambda d: d(ids(1, 4), documents=ids(1, 3)), "documents must be of the shape of"),
    "documents and a cache": (
        lambda d: d(ids(1, 4), documents=torch.zeros(1, 4, dtype=torch.int64), cache=d.cache(1, 4)),
        "packed documents cannot be read with a cache",
    ),
    "more rows than the cache": (lambda d: d(ids(2, 4), cache=d.cache(1, 4)), "the cache holds 1 rows and 2 are given"),
    "more tokens than the cache": (lambda d: d(ids(1, 5), cache=d.cache(1, 4)), "the cache holds 4 tokens and 5"),
    "a cache beyond the context": (lambda d: d.cache(1, 65), "1 to 64 tokens"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "line"), WRONG.values(), ids=WRONG.keys())
def test_what_does_not_fit_is_one_line(call: Callable[[Decoder], object], line: str) -> None:
    with pytest.raises(BadShape, match=line):
        call(Decoder(SHAPES["llama"]).eval())


def test_windows_are_said_in_one_way() -> None:
    shape = (97, 32, 2, 4, 48, 64)
    assert DecoderConfig(*shape, window=4, windowed=(1, 0)) == DecoderConfig(*shape, window=4)
    assert DecoderConfig(*shape, window=4, windowed=()) == DecoderConfig(*shape)
    with pytest.raises(BadShape, match="outside 0 to 1"):
        DecoderConfig(*shape, window=4, windowed=(2,))
