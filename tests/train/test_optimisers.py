"""Muon against its equation and torch's own, and which weight is moved by what."""

import pytest
import torch
from torch import nn

from openbook.model import Decoder, DecoderConfig
from openbook.train.muon import Muon, newton_schulz, newton_schulz_by_the_equation
from openbook.train.optimise import load_state, make, set_rate, state_tensors
from openbook.train.problems import TrainProblem
from openbook.train.recipe import Optimiser

SHAPES = [(8, 8), (24, 8), (8, 40), (1, 5)]


def decoder(**changes: object) -> Decoder:
    torch.manual_seed(0)
    return Decoder(
        DecoderConfig(**{"vocabulary": 20, "width": 8, "layers": 2, "heads": 2, "inner": 16, "context": 8, **changes})
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", SHAPES)
def test_newton_schulz_is_its_equation(shape: tuple[int, int]) -> None:
    matrix = torch.randn(*shape, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(newton_schulz(matrix), newton_schulz_by_the_equation(matrix), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_all_directions_come_out_about_alike(shape: tuple[int, int]) -> None:
    matrix = torch.randn(*shape, generator=torch.Generator().manual_seed(2))
    before, after = torch.linalg.svdvals(matrix), torch.linalg.svdvals(newton_schulz(matrix))
    assert ((after > 0.6) & (after < 1.3))[before > 0.02 * before.max()].all()


def test_muon_moves_as_torchs_does() -> None:
    torch.manual_seed(0)
    ours, theirs = nn.Linear(12, 20, bias=False), nn.Linear(12, 20, bias=False)
    theirs.load_state_dict(ours.state_dict())
    one = Muon(ours.parameters(), lr=0.02, momentum=0.9, weight_decay=0.1)
    other = torch.optim.Muon(
        theirs.parameters(), lr=0.02, momentum=0.9, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"
    )
    start = ours.weight.detach().clone()
    inputs = torch.randn(64, 12)
    for _ in range(5):
        for layer, optimiser in ((ours, one), (theirs, other)):
            optimiser.zero_grad()
            layer(inputs).square().mean().backward()
            optimiser.step()
    moved = (ours.weight - start).norm()
    assert (ours.weight - theirs.weight).norm() < 0.02 * moved  # torch's runs its products in BF16


def test_muon_takes_the_hidden_matrices_and_adamw_the_rest() -> None:
    model = decoder(bias_feed_forward=True, activation="gelu")
    adamw, muon = make(Optimiser(kind="muon"), model)
    names = {parameter: name for name, parameter in model.named_parameters()}
    taken = {names[p] for group in muon.param_groups for p in group["params"]}
    assert taken == {n for n, p in model.named_parameters() if p.ndim == 2 and n.startswith("blocks.")}
    beside = nn.ModuleDict({"model": model, "blocks_of": nn.Linear(2, 2)})  # as an objective holds a network
    (inside,) = make(Optimiser(kind="muon"), beside)[1].param_groups
    assert {names[p] for p in inside["params"]} == taken
    rest = {names[p] for group in adamw.param_groups for p in group["params"]}
    assert rest == set(names.values()) - taken
    assert {"embedding.weight", "norm.weight"} <= rest


def test_norms_and_biases_do_not_decay() -> None:
    model = decoder(bias_attention_in=True)
    (adamw,) = make(Optimiser(weight_decay=0.3), model)
    for group in adamw.param_groups:
        assert {p.ndim >= 2 for p in group["params"]} == {group["weight_decay"] == 0.3}


@pytest.mark.parametrize("kind", ["adamw", "muon"])
@pytest.mark.parametrize("fused", [True, False])
def test_state_out_and_in_again_goes_on_alike(kind: str, fused: bool) -> None:
    def step(model: Decoder, optimisers: list[torch.optim.Optimizer]) -> None:
        set_rate(optimisers, 0.01)
        model.logits(model(torch.arange(8)[None])).square().mean().backward()
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad()

    recipe = Optimiser(kind=kind, fused=fused)  # type: ignore[arg-type]
    first = decoder()
    optimisers = make(recipe, first)
    step(first, optimisers)
    second = decoder()
    second.load_state_dict(first.state_dict())
    others = make(recipe, second)
    load_state(others, second, {n: t.clone() for n, t in state_tensors(optimisers, first).items()})
    step(first, optimisers)
    step(second, others)
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)


def test_state_of_another_model_is_refused() -> None:
    model, wider = decoder(), decoder(width=16)
    optimisers = make(Optimiser(), wider)
    wider.logits(wider(torch.arange(8)[None])).mean().backward()
    optimisers[0].step()
    with pytest.raises(TrainProblem, match="another model"):
        load_state(make(Optimiser(), model), model, state_tensors(optimisers, wider))
    with pytest.raises(TrainProblem, match="of another model"):
        load_state(make(Optimiser(), model), model, {"elsewhere/exp_avg": torch.zeros(2)})
