"""Replies are drawn as single texts would be: padding, neighbours and finished rows change nothing."""

import numpy as np
import pytest
import torch
from scipy import stats

from openbook.align.log_probabilities import by_the_equation
from openbook.align.problems import AlignProblem
from openbook.align.rollout import Drawing, choose, drawn
from openbook.align.weight_layout import for_few_rows
from openbook.model import Decoder, DecoderConfig

END = 3


def decoder(context: int = 40, window: int | None = None) -> Decoder:
    torch.manual_seed(1)
    family = "llama" if window is None else "mistral"
    model = Decoder(DecoderConfig(12, 16, 2, 4, 24, context, key_value_heads=2, window=window, family=family)).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5) if parameter.ndim > 1 else None
    return model


def prompts(*lengths: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(4, 12, size=length) for length in lengths]


@pytest.mark.parametrize("window", [None, 4])
def test_the_likeliest_replies_are_those_of_each_prompt_alone(window: int | None) -> None:
    model = decoder(window=window)
    drawing = Drawing(1, 20, END, temperature=0)
    together = drawn(model, prompts(3, 9, 1, 6), drawing, [0])
    for one in together:
        ids = one.prompt.tolist()
        for token in one.replies[0]:
            with torch.no_grad():
                assert int(model.logits(model(torch.tensor([ids])))[0, -1].argmax()) == token
            ids.append(int(token))
        assert len(one.replies[0]) == 20 or one.replies[0][-1] == END


def test_a_key_gives_the_same_replies_and_another_key_others() -> None:
    model, drawing = decoder(), Drawing(6, 15, END)
    first, again, other = (drawn(model, prompts(3, 5), drawing, key) for key in ([0, 1], [0, 1], [0, 2]))
    texts = [[reply.tolist() for one in groups for reply in one.replies] for groups in (first, again, other)]
    assert texts[0] == texts[1] != texts[2]
    assert len({tuple(reply) for reply in texts[0]}) > 6  # replies of one group differ


def test_first_tokens_come_as_often_as_the_model_says() -> None:
    model = decoder()
    (prompt,) = prompts(4)
    (found,) = drawn(model, [prompt], Drawing(4000, 1, END), [5])
    counts = np.bincount([int(reply[0]) for reply in found.replies], minlength=12)
    one = [np.array([token]) for token in range(12)]
    chances = [by_the_equation(model, type(found)(prompt, (token,)))[0].exp().item() for token in one]
    assert stats.chisquare(counts, np.array(chances) / sum(chances) * 4000).pvalue > 1e-4


def test_nothing_follows_an_end_and_only_the_longest_have_none() -> None:
    found = drawn(decoder(), prompts(2, 7), Drawing(50, 6, END), [1])
    for one in found:
        for reply in one.replies:
            assert END not in reply[:-1]
            assert reply[-1] == END or len(reply) == 6


def test_a_reply_stops_at_the_context_and_a_prompt_that_fills_it_is_refused() -> None:
    (one,) = drawn(decoder(context=8), prompts(6), Drawing(20, 50, END), [1])
    assert max(map(len, one.replies)) <= 2
    with pytest.raises(AlignProblem, match="leaves no room"):
        drawn(decoder(context=8), prompts(8), Drawing(1, 5, END), [1])
    with pytest.raises(AlignProblem, match="empty"):
        drawn(decoder(context=8), prompts(0, 3), Drawing(1, 5, END), [1])


def test_a_number_chooses_by_inversion() -> None:
    logits = torch.log(torch.tensor([[0.2, 0.5, 0.3]])).expand(4, 3)
    assert choose(logits, 1.0, torch.tensor([0.1, 0.2001, 0.69, 0.999999])).tolist() == [0, 1, 1, 2]
    assert choose(logits, 0.0, torch.tensor([0.99] * 4)).tolist() == [1] * 4


def test_choosing_by_blocks_is_choosing_by_the_whole_sum() -> None:
    torch.manual_seed(0)
    for vocabulary in (5, 128, 300, 1000):
        logits = torch.randn(500, vocabulary) * 3
        numbers = torch.rand(500, dtype=torch.float64)
        sums = (logits.double() / 0.7).softmax(-1).cumsum(-1)
        expected = torch.searchsorted(sums, (numbers * sums[:, -1])[:, None], right=True)[:, 0]
        found = choose(logits, 0.7, numbers)
        assert (found == expected).float().mean() > 0.995  # a number within rounding of a bound may fall beside it
        assert int((found - expected).abs().max()) <= 1 + vocabulary // 128


def test_what_cannot_come_never_comes() -> None:
    logits = torch.full((4, 300), float("-inf"))
    logits[:, 130] = 0.0
    logits[:, 7] = -1.0
    numbers = torch.tensor([0.0, 0.2, 0.5, 1 - 1e-16], dtype=torch.float64)
    assert set(choose(logits, 1.0, numbers).tolist()) <= {7, 130}


def test_drawing_leaves_the_weights_as_they_lay_even_when_it_fails() -> None:
    model = decoder()
    before = {name: (p.shape, p.stride(), p.detach().clone()) for name, p in model.named_parameters()}
    drawn(model, prompts(3), Drawing(2, 12, END), [0])
    with for_few_rows(model):
        assert any(p.stride() != before[name][1] for name, p in model.named_parameters())
    with pytest.raises(RuntimeError):
        _fail_within(model)
    for name, parameter in model.named_parameters():
        assert parameter.stride() == before[name][1]
        assert torch.equal(parameter, before[name][2])


def _fail_within(model: Decoder) -> None:
    with for_few_rows(model):
        raise RuntimeError
