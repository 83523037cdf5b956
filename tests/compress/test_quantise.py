"""Symmetric and affine rounding: by hand, by its properties, and equal to torch's and onnxruntime's own."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import TensorProto
from onnxruntime.quantization.quant_utils import quantize_data

from openbook.compress.quantise import Bits, Rounded, Sharing, affine, symmetric

FLOATS = st.floats(-1e4, 1e4, width=32).filter(lambda x: x == 0 or abs(x) > 1e-20)
MATRICES = st.tuples(st.integers(1, 6), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=FLOATS)
)
BITS = st.sampled_from([4, 8])
SHARING = st.sampled_from(["tensor", "row", 1, 2, 4, 100])
Quantiser = Callable[[np.ndarray, Bits, Sharing], Rounded]


def column_scales(rounded: Rounded) -> np.ndarray:
    """One scale a weight."""
    rows, columns = rounded.values.shape
    scales = np.repeat(rounded.scales, rounded.group, axis=1)[:, :columns]
    return np.broadcast_to(scales, (rows, columns))


@pytest.mark.parametrize("quantiser", [symmetric, affine])
@given(MATRICES, BITS, SHARING)
def test_no_weight_is_further_off_than_half_a_step(
    quantiser: Quantiser, weight: np.ndarray, bits: Bits, sharing: Sharing
) -> None:
    found = quantiser(weight, bits, sharing)
    steps = column_scales(found)
    assert np.all(np.abs(weight - found.dequantise()) <= steps * 0.5001 + np.abs(weight) * 1e-6)
    assert np.all(found.scales > 0)


@given(MATRICES, BITS, SHARING)
def test_symmetric_values_have_their_negatives_and_keep_zero(weight: np.ndarray, bits: Bits, sharing: Sharing) -> None:
    found = symmetric(weight, bits, sharing)
    top = 2 ** (bits - 1) - 1
    assert found.values.min() >= -top
    assert found.values.max() <= top
    assert np.array_equal(symmetric(-weight, bits, sharing).values, -found.values)
    assert not found.dequantise()[weight == 0].any()


@given(MATRICES, BITS, SHARING)
def test_affine_has_a_value_for_zero_and_uses_the_whole_range(weight: np.ndarray, bits: Bits, sharing: Sharing) -> None:
    found = affine(weight, bits, sharing)
    assert found.zeros is not None
    assert np.all((found.zeros >= 0) & (found.zeros <= 2**bits - 1))
    assert np.array_equal(found.zeros, np.rint(found.zeros))
    assert not found.dequantise()[weight == 0].any()


@given(MATRICES, BITS, SHARING)
def test_rounding_twice_is_rounding_once(weight: np.ndarray, bits: Bits, sharing: Sharing) -> None:
    once = symmetric(weight, bits, sharing)
    again = symmetric(once.dequantise(), bits, sharing)
    assert np.array_equal(again.values, once.values)
    np.testing.assert_allclose(again.scales, once.scales, rtol=1e-6)


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("sharing", ["tensor", "row", 8])
def test_rounding_twice_is_rounding_once_with_a_zero_point(bits: Bits, sharing: Sharing) -> None:
    weight = np.random.default_rng(0).normal(0.3, 1, (16, 24)).astype(np.float32)
    once = affine(weight, bits, sharing)
    again = affine(once.dequantise(), bits, sharing)
    assert np.array_equal(again.values, once.values)


def test_by_hand() -> None:
    weight = np.array([[1.0, -2.54], [0.0, 0.0]], dtype=np.float32)
    found = symmetric(weight)
    assert found.values.tolist() == [[50, -127], [0, 0]]
    assert found.scales[:, 0] == pytest.approx([0.02, 1.0])
    found = affine(np.array([[-1.0, 0.0, 2.0]], dtype=np.float32), 4)
    assert found.values.tolist() == [[0, 5, 15]]
    assert (found.scales[0, 0], found.zeros[0, 0]) == (pytest.approx(0.2), 5)


def test_what_shares_a_scale_is_counted_in_bits() -> None:
    weight = np.random.default_rng(0).normal(size=(64, 128)).astype(np.float32)
    assert symmetric(weight, 8, "tensor").bits_per_weight == 8 + 32 / (64 * 128)
    assert symmetric(weight, 8, "row").bits_per_weight == 8 + 32 / 128
    assert symmetric(weight, 4, 32).bits_per_weight == 4 + 1
    assert affine(weight, 4, 32).bits_per_weight == 4 + 1 + 4 / 32
    assert symmetric(weight, 4, 100).scales.shape == (64, 2)


def test_finer_sharing_is_nearer_when_one_weight_is_large() -> None:
    weight = np.random.default_rng(0).normal(size=(16, 64)).astype(np.float32)
    weight[0, 0] = 50
    off = [np.square(weight - symmetric(weight, 8, each).dequantise()).mean() for each in ("tensor", "row", 16)]
    assert off[0] > 5 * off[1] > 5 * off[2]


def test_one_sided_numbers_gain_a_bit_from_a_zero_point() -> None:
    weight = np.random.default_rng(0).uniform(0, 1, (4, 256)).astype(np.float32)
    off = [np.abs(weight - each(weight, 8, "row").dequantise()).mean() for each in (symmetric, affine)]
    assert off[0] == pytest.approx(2 * off[1], rel=0.1)


def test_a_group_of_none_is_refused() -> None:
    with pytest.raises(ValueError, match="one number or more, not 0"):
        symmetric(np.ones((2, 4), np.float32), 8, 0)


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("sharing", ["tensor", "row"])
def test_equal_to_torch(bits: Bits, sharing: Sharing) -> None:
    weight = np.random.default_rng(1).normal(0.1, 1, (24, 40)).astype(np.float32)
    for found, low in ((symmetric(weight, bits, sharing), -(2 ** (bits - 1)) + 1), (affine(weight, bits, sharing), 0)):
        high = low + (2**bits - 2 if found.zeros is None else 2**bits - 1)
        scales = np.broadcast_to(found.scales, (24, 1))[:, 0].copy()
        zeros = np.zeros(24) if found.zeros is None else np.broadcast_to(found.zeros, (24, 1))[:, 0]
        theirs = torch.fake_quantize_per_channel_affine(
            torch.from_numpy(weight), torch.from_numpy(scales), torch.from_numpy(zeros.astype(np.int32)), 0, low, high
        )
        # torch multiplies by 1 / scale where we divide: a number on the border of two steps may fall either way
        differ = np.abs(theirs.numpy() - found.dequantise()) > 1e-6
        assert differ.mean() < 0.01
        assert np.abs(theirs.numpy() - found.dequantise()).max() <= scales.max() * 1.0001


@pytest.mark.parametrize(
    ("quantiser", "bits", "kind"),
    [
        (symmetric, 8, TensorProto.INT8),
        # onnxruntime's symmetric INT4 spreads over -8 to 7, so that -q is not always there: no twin of ours
        (affine, 8, TensorProto.UINT8),
        (affine, 4, TensorProto.UINT4),
    ],
)
@pytest.mark.parametrize("sharing", ["tensor", "row"])
def test_equal_to_onnxruntime(quantiser: Quantiser, bits: Bits, kind: int, sharing: Sharing) -> None:
    weight = np.random.default_rng(2).normal(0.1, 1, (24, 40)).astype(np.float32)
    found = quantiser(weight, bits, sharing)
    parts = [weight] if sharing == "tensor" else list(weight[:, None])
    theirs = [quantize_data(part, kind, found.zeros is None) for part in parts]
    zeros, scales, values = (np.concatenate([np.atleast_1d(part[n]) for part in theirs]) for n in range(3))
    assert np.array_equal(found.values, values.reshape(weight.shape).astype(found.values.dtype))
    np.testing.assert_allclose(found.scales[:, 0], scales.ravel(), rtol=1e-6)
    if found.zeros is not None:
        assert np.array_equal(found.zeros[:, 0], zeros.ravel().astype(np.float32))
