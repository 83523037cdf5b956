"""INT8 weights whose products cannot overflow: the property itself, and what it costs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from openbook.compress.pairsafe import largest_pair, quantise_columns_pairsafe
from openbook.compress.quantise import symmetric

FLOATS = st.floats(-1e4, 1e4, width=32).filter(lambda x: x == 0 or abs(x) > 1e-20)
EVEN_MATRICES = st.tuples(st.integers(1, 6).map(lambda n: 2 * n), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=FLOATS)
)


def saturating_product(activations: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What vpmaddubsw and vpmaddwd compute: neighbouring products added in 16 bits with saturation, then in 32."""
    products = activations.astype(np.int64)[:, :, None] * weights.astype(np.int64)[None]
    pairs = products.reshape(len(activations), -1, 2, weights.shape[1]).sum(axis=2)
    return np.clip(pairs, -32768, 32767).sum(axis=1)


@given(EVEN_MATRICES)
def test_no_pair_of_pairsafe_weights_can_overflow(weight: np.ndarray) -> None:
    quantised = quantise_columns_pairsafe(weight)
    assert largest_pair(quantised.values) <= 128
    assert np.all(np.abs(weight - quantised.dequantise()) <= quantised.scales * 0.5001)
    extremes = np.array([np.full(len(weight), 255), np.full(len(weight), 1), np.zeros(len(weight))], dtype=np.uint8)
    exact = extremes.astype(np.int64) @ quantised.values.astype(np.int64)
    assert np.array_equal(saturating_product(extremes, quantised.values), exact)


def test_plain_absmax_weights_do_overflow() -> None:
    weight = np.ones((4, 1), dtype=np.float32)
    activations = np.full((1, 4), 255, dtype=np.uint8)
    values = symmetric(weight.T).values.T
    assert saturating_product(activations, values)[0, 0] < 255 * 127 * 4
    safe = quantise_columns_pairsafe(weight).values
    assert saturating_product(activations, safe)[0, 0] == 255 * int(safe.sum())


def test_pairsafe_lies_between_eight_and_seven_bits() -> None:
    weight = np.random.default_rng(0).normal(size=(384, 64)).astype(np.float32)
    seven_bit_scales = np.abs(weight).max(axis=0) / 63
    seven = np.rint(weight / seven_bit_scales) * seven_bit_scales
    found = (symmetric(weight.T).dequantise().T, quantise_columns_pairsafe(weight).dequantise(), seven)
    eight, safe, seven_bits = (float(np.sqrt(np.square(weight - each).mean())) for each in found)
    assert eight < safe < 0.75 * seven_bits


def test_pairs_need_an_even_number_of_rows() -> None:
    with pytest.raises(ValueError, match="3 rows are odd"):
        quantise_columns_pairsafe(np.ones((3, 2), dtype=np.float32))
