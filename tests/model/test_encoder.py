"""The encoder: padding changes nothing, and every position is seen."""

import pytest
import torch

from openbook.model import Encoder, EncoderConfig
from openbook.model.config import BadShape

CONFIG = EncoderConfig(97, 32, 2, 4, 48, 16, pooler=True)


@pytest.fixture
def encoder() -> Encoder:
    torch.manual_seed(0)
    return Encoder(CONFIG).eval()


def ids(rows: int, time: int) -> torch.Tensor:
    return torch.randint(0, 97, (rows, time), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def test_padding_changes_nothing(encoder: Encoder) -> None:
    text, present = ids(2, 12), torch.ones(2, 12, dtype=torch.bool)
    present[0, 7:] = False
    alone = encoder(text[:1, :7])
    torch.testing.assert_close(encoder(text, present=present)[:1, :7], alone, atol=1e-6, rtol=1e-5)
    text[0, 7:] = 5
    torch.testing.assert_close(encoder(text, present=present)[:1, :7], alone, atol=1e-6, rtol=1e-5)


@torch.no_grad()
def test_what_comes_later_is_seen(encoder: Encoder) -> None:
    text = ids(1, 8)
    changed = text.clone()
    changed[0, 7] = (changed[0, 7] + 1) % 97
    assert not torch.allclose(encoder(text)[:, 0], encoder(changed)[:, 0])


@torch.no_grad()
def test_the_summary_is_of_the_first_token(encoder: Encoder) -> None:
    hidden = encoder(ids(2, 8))
    assert encoder.pooled(hidden).shape == (2, 32)
    assert encoder.pooled(hidden).abs().max() <= 1
    with pytest.raises(BadShape, match="no pooler"):
        Encoder(EncoderConfig(97, 32, 1, 4, 48, 16)).pooled(hidden)


def test_what_does_not_fit_is_one_line(encoder: Encoder) -> None:
    with pytest.raises(BadShape, match="token id 97"):
        encoder(torch.tensor([[97]]))
    with pytest.raises(BadShape, match="token type 2"):
        encoder(ids(1, 2), kinds=torch.tensor([[0, 2]]))
    with pytest.raises(BadShape, match="present must be of the shape"):
        encoder(ids(1, 2), present=torch.ones(2, dtype=torch.bool))
    with pytest.raises(BadShape, match="17 tokens do not fit"):
        encoder(ids(1, 17))
    with pytest.raises(BadShape, match="multiple of heads"):
        EncoderConfig(97, 30, 2, 4, 48, 16)


@pytest.mark.slow
def test_it_compiles_into_one_graph(encoder: Encoder) -> None:
    torch.compiler.reset()
    text = ids(2, 8)
    present = torch.ones(2, 8, dtype=torch.bool)
    compiled = torch.compile(encoder, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(text, present=present), encoder(text, present=present))
