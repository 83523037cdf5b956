"""The two networks: shapes, what they are before they have learnt, and their attention beside the equation."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from openbook.diffusion.learn.dit import Dit, DitBlock, sinusoidal_places
from openbook.diffusion.learn.place_attention import PlaceAttention
from openbook.diffusion.learn.time_embedding import TimeEmbedding, sinusoidal
from openbook.diffusion.learn.unet import Unet
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.shapes import DitShape, UnetShape
from openbook.model.attention import attention_by_the_equation

UNET = UnetShape(width=8, multipliers=(1, 2), blocks=1, attention=(4,), heads=2)
DIT = DitShape(width=16, layers=2, heads=2, patch=2)


def network(kind: str, channels: int = 3, condition: int = 0) -> Unet | Dit:
    torch.manual_seed(0)
    made: Unet | Dit = Unet(UNET, channels, 8, condition) if kind == "unet" else Dit(DIT, channels, 8, condition)
    return made.eval()


def shaken(module: nn.Module) -> None:
    """Weights that are not 0, as after some learning."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))


@pytest.mark.parametrize("kind", ["unet", "dit"])
@pytest.mark.parametrize(("channels", "tokens"), [(1, 0), (3, 1), (3, 5)])
def test_a_prediction_has_the_shape_of_what_it_is_made_of(kind: str, channels: int, tokens: int) -> None:
    model = network(kind, channels, 12 if tokens else 0)
    shaken(model)
    x, told = torch.randn(4, channels, 8, 8), torch.randn(4, tokens, 12) if tokens else None
    found = model(x, torch.rand(4), told)
    assert found.shape == x.shape
    assert found.isfinite().all()


@pytest.mark.parametrize("kind", ["unet", "dit"])
def test_the_first_prediction_is_nothing(kind: str) -> None:
    model = network(kind, condition=12)
    assert not model(torch.randn(2, 3, 8, 8), torch.rand(2), torch.randn(2, 3, 12)).any()


@pytest.mark.parametrize("kind", ["unet", "dit"])
@pytest.mark.parametrize("changed", ["time", "condition", "picture"])
def test_a_prediction_depends_on_all_it_is_told_and_on_no_other_picture(kind: str, changed: str) -> None:
    model = network(kind, condition=12)
    shaken(model)
    x, time, told = torch.randn(3, 3, 8, 8), torch.rand(3), torch.randn(3, 2, 12)
    before = model(x, time, told)
    {"time": time, "condition": told, "picture": x}[changed][1] *= 0.5
    moved = (model(x, time, told) - before).abs().flatten(1).amax(dim=1)
    assert moved[1] > 1e-4
    assert moved[[0, 2]].max() < 1e-5


def test_a_block_of_a_dit_begins_as_the_identity() -> None:
    torch.manual_seed(1)
    block, x = DitBlock(16, 2, 12), torch.randn(2, 9, 16)
    assert torch.equal(block(x, torch.randn(2, 16), torch.randn(2, 3, 12)), x)
    shaken(block)
    assert not torch.allclose(block(x, torch.randn(2, 16), torch.randn(2, 3, 12)), x)


@given(seed=st.integers(0, 99), heads=st.sampled_from([1, 2, 4]), places=st.integers(1, 9), tokens=st.integers(0, 4))
def test_attention_is_the_equation_with_the_condition_behind_the_places(
    seed: int, heads: int, places: int, tokens: int
) -> None:
    torch.manual_seed(seed)
    layer, x = PlaceAttention(8, heads, 6), torch.randn(2, places, 8)
    told = torch.randn(2, tokens, 6) if tokens else None
    query, key, value = (part.view(2, places, heads, -1).transpose(1, 2) for part in layer.qkv(x).chunk(3, dim=2))
    if told is not None and layer.beside is not None:
        more = (part.view(2, tokens, heads, -1).transpose(1, 2) for part in layer.beside(told).chunk(2, dim=2))
        key, value = (torch.cat(pair, dim=2) for pair in zip((key, value), more, strict=True))
    mixed = attention_by_the_equation(query, key, value).transpose(1, 2).reshape(2, places, 8)
    torch.testing.assert_close(layer(x, told), layer.output(mixed), atol=1e-5, rtol=1e-5)


@given(seed=st.integers(0, 99), patch=st.sampled_from([1, 2, 4]), channels=st.integers(1, 3))
def test_patches_are_squares_and_make_the_picture_again(seed: int, patch: int, channels: int) -> None:
    torch.manual_seed(seed)
    model, x = Dit(DitShape(16, 1, 2, patch), channels, 8, 0), torch.randn(2, channels, 8, 8)
    patches = model.patches(x)
    assert torch.equal(model.picture(patches), x)
    second = x[:, :, :patch, patch : 2 * patch] if patch < 8 else x
    assert torch.equal(patches[:, 1], second.flatten(1))


def test_times_are_waves_from_one_radian_a_thousandth_to_ten_thousand_times_as_long() -> None:
    found = sinusoidal(torch.tensor([0.0, 0.001, 1.0]), 4).numpy()
    expected = [[np.cos(t), np.cos(t / 100), np.sin(t), np.sin(t / 100)] for t in (0.0, 1.0, 1000.0)]
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert TimeEmbedding(4, 6)(torch.rand(3)).shape == (3, 6)


def test_every_patch_has_a_place_of_its_own() -> None:
    places = sinusoidal_places(8, 16)
    assert places.shape == (64, 16)
    assert torch.cdist(places, places).fill_diagonal_(1).min() > 0.1


@pytest.mark.parametrize(
    ("shape", "size", "says"),
    [
        (UnetShape(multipliers=(1, 2, 2)), 10, "data.size is 10, and must be a multiple of 4"),
        (UnetShape(width=20), 8, "unet.width is 20, and must be a multiple of the 8 groups"),
        (UnetShape(attention=(5,)), 8, "names the size 5, and the network's are"),
        (UnetShape(multipliers=()), 8, "the number of unet.multipliers is 0"),
        (UnetShape(multipliers=(1, 0)), 8, "the least of unet.multipliers is 0"),
        (UnetShape(heads=3), 8, "must be a multiple of unet.heads, 3"),
        (DitShape(patch=3), 8, "data.size is 8, and must be a multiple of dit.patch, 3"),
        (DitShape(patch=0), 8, "dit.patch is 0"),
        (DitShape(width=18, heads=3), 8, "must be a multiple of 4"),
        (DitShape(heads=0), 8, "dit.heads is 0"),
    ],
)
def test_sizes_that_do_not_divide_are_said_in_one_line(shape: UnetShape | DitShape, size: int, says: str) -> None:
    with pytest.raises(DiffusionProblem) as caught:
        shape.check(size)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
