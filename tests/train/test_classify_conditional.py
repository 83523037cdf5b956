"""The class-conditional model is a distribution over texts: it adds up to one, obeys Bayes' rule, and is sampled."""

import itertools
import math

import pytest
import torch

from openbook.errors import OpenbookError
from openbook.model import Decoder, DecoderConfig
from openbook.train.class_conditional import (
    ClassConditional,
    conditional_loss,
    log_evidence,
    log_likelihoods,
    log_posterior,
    log_prior_of,
    sample,
)
from openbook.train.classify_head import padded


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


def conditional(tokens: int = 3, classes: int = 2, context: int = 16) -> ClassConditional:
    return ClassConditional(Decoder(DecoderConfig(tokens + 1 + classes, 32, 2, 4, 48, context)), tokens, classes)


@torch.no_grad()
def test_probabilities_of_all_texts_add_up_to_one() -> None:
    model = conditional().eval()
    for param in model.parameters():
        param.mul_(3)  # far from uniform
    shorter = [[*text, model.end] for size in range(3) for text in itertools.product(range(3), repeat=size)]
    unfinished = [list(text) for text in itertools.product(range(3), repeat=3)]
    likelihoods = log_likelihoods(model, *padded([*shorter, *unfinished]))
    torch.testing.assert_close(likelihoods.exp().sum(dim=0), torch.ones(2), atol=1e-5, rtol=0)


@torch.no_grad()
def test_every_class_in_one_pass_equals_each_by_itself() -> None:
    model = conditional(10, 4).eval()
    ids, lengths = padded([[1, 2, 3, model.end], [5, model.end]])
    together = log_likelihoods(model, ids, lengths)
    alone = torch.stack([model(ids, lengths, torch.full((2,), label)) for label in range(4)], dim=1)
    torch.testing.assert_close(together, alone)
    single = model(*padded([[5, model.end]]), torch.tensor([3]))
    torch.testing.assert_close(together[1, 3], single[0])


def test_bayes_rule() -> None:
    likelihood = torch.tensor([[0.2, 0.05], [0.001, 0.3]]).log()
    prior = torch.tensor([0.25, 0.75]).log()
    posterior = log_posterior(likelihood, prior).exp()
    assert posterior[0, 0].item() == pytest.approx(0.2 * 0.25 / (0.2 * 0.25 + 0.05 * 0.75))
    assert log_evidence(likelihood, prior)[1].exp().item() == pytest.approx(0.001 * 0.25 + 0.3 * 0.75)
    assert log_prior_of([1, 3, 0]).exp().tolist() == pytest.approx([0.25, 0.75, 0])
    assert log_posterior(torch.zeros(1, 3), log_prior_of([1, 3, 0]))[0, 2] == -math.inf


@torch.no_grad()
def test_samples_follow_the_model() -> None:
    model = conditional().eval()
    for param in model.parameters():
        param.mul_(3)
    drawn = sample(model, 1, 4000, most=6, generator=torch.Generator().manual_seed(0))
    assert all(0 <= token < 3 for text in drawn for token in text)
    for text in ([], [0], [1], [2, 0]):
        expected = model(*padded([[*text, model.end]]), torch.tensor([1])).exp().item()
        assert sum(found == text for found in drawn) / 4000 == pytest.approx(expected, abs=0.03)
    assert max(map(len, drawn)) <= 6


def test_it_learns_to_tell_classes_and_to_write_them() -> None:
    model = conditional(10, 2)
    generator = torch.Generator().manual_seed(1)
    labels = torch.randint(0, 2, (64,), generator=generator)
    body = torch.randint(0, 5, (64, 6), generator=generator) + 5 * labels[:, None]
    ids = torch.cat([body, torch.full((64, 1), model.end)], dim=1)
    lengths = torch.full((64,), 7)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(60):
        optimiser.zero_grad()
        conditional_loss(model, ids, lengths, labels).backward()
        optimiser.step()
    model.eval()
    with torch.no_grad():
        posterior = log_posterior(log_likelihoods(model, ids, lengths), log_prior_of([1, 1]))
    assert (posterior.argmax(dim=1) == labels).all()
    written = sample(model, 1, 20, most=8, generator=generator)
    assert sum(token >= 5 for text in written for token in text) > 0.9 * sum(map(len, written))


def test_bad_settings_are_said() -> None:
    with pytest.raises(OpenbookError, match="vocabulary"):
        ClassConditional(Decoder(DecoderConfig(10, 32, 1, 4, 48, 8)), 3, 2)
    generator = torch.Generator()
    with pytest.raises(OpenbookError, match="temperature"):
        sample(conditional(), 0, 1, most=2, generator=generator, temperature=0.0)
    with pytest.raises(OpenbookError, match="no class 2"):
        sample(conditional(), 2, 1, most=2, generator=generator)
