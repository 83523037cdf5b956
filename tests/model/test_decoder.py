"""The decoder: blind to the future, equal with and without its cache, packed as if alone."""

import pytest
import torch

from openbook.model import Decoder, DecoderConfig
from openbook.model.cache import Cache

SHAPES = {
    "llama": DecoderConfig(97, 32, 2, 4, 48, 64, key_value_heads=2),
    "window": DecoderConfig(97, 32, 3, 4, 48, 64, window=4, windowed=(0, 2)),
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


@torch.no_grad()
def test_the_cache_equals_the_full_pass(decoder: Decoder) -> None:
    text = ids(2, 14)
    cache = Cache(decoder.config, 2, 14)
    pieces = [decoder(part, cache=cache) for part in text.split([5, 1, 1, 4, 3], dim=1)]
    torch.testing.assert_close(torch.cat(pieces, dim=1), decoder(text), atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_packed_documents_are_read_as_if_alone(decoder: Decoder) -> None:
    first, second = ids(1, 6), ids(2, 5)[1:]
    documents = torch.tensor([[0] * 6 + [1] * 5])
    packed = decoder(torch.cat([first, second], dim=1), documents=documents)
    torch.testing.assert_close(packed[:, :6], decoder(first), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(packed[:, 6:], decoder(second), atol=1e-5, rtol=1e-5)
