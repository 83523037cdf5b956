"""Replies of a group in one row, each prompt read once, have the log-probabilities and gradients of plain passes."""

from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.align import log_probabilities
from openbook.align.groups import Group
from openbook.align.log_probabilities import by_the_equation, scored
from openbook.align.problems import AlignProblem
from openbook.model import Decoder, DecoderConfig
from openbook.train.attention_layout import laid_out


def decoder(heads: int = 4, key_value_heads: int = 2, **changes: Any) -> Decoder:
    torch.manual_seed(0)
    config = DecoderConfig(50, 16, 2, heads, 24, 64, key_value_heads=key_value_heads, **changes)
    model = Decoder(config).eval()
    for parameter in model.parameters():  # so that attention is far from uniform
        torch.nn.init.normal_(parameter, std=0.4) if parameter.ndim > 1 else None
    return model


def group(rng: np.random.Generator, prompt: int, replies: list[int]) -> Group:
    return Group(rng.integers(50, size=prompt), tuple(rng.integers(50, size=n) for n in replies))


def flat(model: Decoder, groups: list[Group], temperature: float = 1.0) -> torch.Tensor:
    return torch.cat([part for one in groups for part in by_the_equation(model, one, temperature)])


lengths = st.lists(
    st.tuples(st.integers(1, 9), st.lists(st.integers(1, 7), min_size=1, max_size=4)), min_size=1, max_size=3
)


@given(lengths, st.sampled_from([1.0, 0.7]), st.sampled_from([4, 2, 1]), st.booleans())
@settings(max_examples=25, deadline=None)
def test_one_row_has_the_values_and_gradients_of_plain_passes(
    sizes: list[tuple[int, list[int]]], temperature: float, key_value_heads: int, chunked: bool
) -> None:
    rng = np.random.default_rng(1)
    groups = [group(rng, prompt, replies) for prompt, replies in sizes]
    model = decoder(key_value_heads=key_value_heads)
    expected = flat(model, groups, temperature)
    weights = torch.randn(len(expected))
    (expected * weights).sum().backward()
    wanted = {name: parameter.grad for name, parameter in model.named_parameters()}
    model.zero_grad()
    with pytest.MonkeyPatch.context() as patch:
        if chunked:
            patch.setattr(log_probabilities, "LOGITS", 150)  # three tokens at a time
        found = scored(model, laid_out(model), groups, temperature)
    got = found.log_p[found.mask]
    torch.testing.assert_close(got, expected, atol=2e-5, rtol=2e-5)
    cast("Any", (got * weights).sum()).backward()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, wanted[name], atol=3e-5, rtol=3e-4)


def test_entropy_and_hidden_states_are_those_of_a_plain_pass() -> None:
    model, one = decoder(), group(np.random.default_rng(0), 5, [4, 2])
    found = scored(model, laid_out(model), [one])
    ids = torch.as_tensor(np.concatenate([one.prompt, one.replies[0]]))[None]
    hidden = model(ids)[0]
    spread = torch.distributions.Categorical(logits=model.logits(hidden[4:8]))
    torch.testing.assert_close(found.entropy[0], cast("Any", spread).entropy(), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(found.hidden[:4], hidden[5:], atol=1e-5, rtol=1e-5)
    assert not found.mask[1, 2:].any()
    assert not found.log_p[1, 2:].any()


def test_a_layout_leaves_other_passes_of_the_model_as_they_were() -> None:
    model, one = decoder(), group(np.random.default_rng(0), 5, [4, 2])
    ids = torch.as_tensor(one.prompt)[None]
    before = model(ids)
    scored(model, laid_out(model), [one])
    torch.testing.assert_close(model(ids), before, atol=0, rtol=0)


@pytest.mark.parametrize(
    ("prompt", "replies", "said"), [(60, [5], "65 tokens"), (0, [3], "no tokens"), (3, [0], "no tokens")]
)
def test_what_does_not_fit_or_is_empty_is_refused_in_one_line(prompt: int, replies: list[int], said: str) -> None:
    model = decoder()
    with pytest.raises(AlignProblem, match=said) as refused:
        scored(model, laid_out(model), [group(np.random.default_rng(0), prompt, replies)])
    assert "\n" not in str(refused.value)
