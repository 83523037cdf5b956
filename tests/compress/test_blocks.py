"""Blocks of INT8 and INT4: the equation, the layout, and what rounding may cost."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.compress.blocks import BLOCKS, quantise_blocks
from openbook.compress.decoder_linear import BlockLinear
from openbook.compress.graph_writer import GraphWriter, floats
from openbook.compress.quantise import symmetric
from openbook.encode.session import load


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 9), st.integers(1, 300), st.sampled_from(BLOCKS), st.sampled_from([4, 8]), st.integers(0, 2**31))
def test_no_weight_is_further_off_than_half_a_step(out: int, inputs: int, block: int, bits, seed: int) -> None:
    weight = np.random.default_rng(seed).standard_normal((out, inputs)).astype(np.float32)
    found = quantise_blocks(weight, bits, block)
    steps = np.repeat(found.scales, block, axis=1)[:, :inputs]
    assert found.dequantise().shape == weight.shape
    assert (np.abs(found.dequantise() - weight) <= steps * (0.5 + 1e-5)).all()
    assert found.block == block
    assert (found.zeros is None) == (bits == 8)
    assert found.packed.shape == (out, -(-inputs // block), block * bits // 8)


def test_a_large_weight_costs_its_own_block_alone() -> None:
    weight = np.full((1, 64), 0.01, dtype=np.float32)
    weight[0, 0] = 100
    found = quantise_blocks(weight, 8, 32).dequantise()
    assert found[0, 1] == 0
    assert found[0, 32:] == pytest.approx(np.full(32, 0.01), rel=1e-6)


def test_rows_are_those_of_the_whole_matrix() -> None:
    weight = np.random.default_rng(0).standard_normal((10, 33)).astype(np.float32)
    for bits in (4, 8):
        found = quantise_blocks(weight, bits, 16)
        which = np.array([[3, 3], [9, 0]])
        assert (found.rows(which) == found.dequantise()[which]).all()


def test_zeros_stay_zeros() -> None:
    assert not quantise_blocks(np.zeros((2, 16), np.float32), 4, 16).dequantise().any()
    one_sided = np.random.default_rng(0).uniform(3, 4, (5, 40)).astype(np.float32)
    one_sided[:, ::3] = 0
    for bits in (4, 8):
        assert not quantise_blocks(one_sided, bits, 16).dequantise()[:, ::3].any()


def test_four_bits_follow_blocks_that_lie_on_one_side() -> None:
    weight = np.random.default_rng(0).uniform(0, 1, (4, 64)).astype(np.float32)
    off = np.abs(quantise_blocks(weight, 4, 32).dequantise() - weight).mean()
    assert off < 0.6 * np.abs(symmetric(weight, 4, 32).dequantise() - weight).mean()


@pytest.mark.parametrize("inputs", [40, 96, 100])
@pytest.mark.parametrize("block", [16, 32, 128])
@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("biased", [False, True])
def test_the_kernel_multiplies_by_what_is_read_back(bits, block: int, inputs: int, biased: bool) -> None:
    random = np.random.default_rng(0)
    weight, x = (random.normal(0.3, 1, (rows, inputs)).astype(np.float32) for rows in (24, 3))
    bias = random.normal(size=24).astype(np.float32) if biased else None
    graph = GraphWriter()
    graph.rename(BlockLinear(bits, block, int8_activations=False)(graph, "x", "product", weight, bias), "y")
    model = graph.model("product", [floats("x", "rows", inputs)], [floats("y", "rows", 24)])
    session = load(Path("product"), model.SerializeToString())
    expected = x @ quantise_blocks(weight, bits, block).dequantise().T + (0 if bias is None else bias)
    assert np.abs(session.run(None, {"x": x})[0] - expected).max() < 1e-4


def test_a_block_that_the_kernel_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="a block of 24"):
        quantise_blocks(np.zeros((2, 48), np.float32), 8, 24)
