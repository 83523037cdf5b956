"""The head reads texts whatever their padding, and learns what can be learnt."""

import pytest
import torch

from openbook.model import Decoder, DecoderConfig
from openbook.train.classify_head import ClassifierHead, head_loss, padded


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


def head(classes: int = 3) -> ClassifierHead:
    return ClassifierHead(Decoder(DecoderConfig(20, 32, 2, 4, 48, 16)), classes)


@torch.no_grad()
def test_padding_changes_nothing() -> None:
    model = head().eval()
    rows = [[1, 2, 3], [4, 5, 6, 7, 8, 9], [7]]
    together = model(*padded(rows))
    alone = torch.cat([model(*padded([row])) for row in rows])
    torch.testing.assert_close(together, alone)
    ids, lengths = padded(rows)
    ids[0, 3:] = 11
    torch.testing.assert_close(model(ids, lengths), together)


def test_the_loss_is_the_mean_negative_log_probability() -> None:
    model = head().eval()
    ids, lengths = padded([[1, 2], [3]])
    labels = torch.tensor([2, 0])
    probabilities = torch.softmax(model(ids, lengths), dim=-1)
    stated = -(probabilities[0, 2].log() + probabilities[1, 0].log()) / 2
    torch.testing.assert_close(head_loss(model, ids, lengths, labels), stated)


def test_it_learns_which_token_tells() -> None:
    model = head(2)
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(2, 20, (64, 6), generator=generator)
    labels = torch.randint(0, 2, (64,), generator=generator)
    ids[torch.arange(64), torch.randint(0, 6, (64,), generator=generator)] = labels
    lengths = torch.full((64,), 6)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(60):
        optimiser.zero_grad()
        head_loss(model, ids, lengths, labels).backward()
        optimiser.step()
    assert (model.eval()(ids, lengths).argmax(dim=-1) == labels).all()
