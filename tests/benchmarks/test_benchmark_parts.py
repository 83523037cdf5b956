"""What the benchmarks compute themselves: the logistic fit, fixed halves, largest differences, and a model's FLOPs."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.data import first_half
from benchmarks.differences import Found, by_name, largest, shown, together, unless_impossible
from benchmarks.logistic import fit_logistic
from benchmarks.model_flops import flops_per_token, multiplied, peak_of
from openbook.model import Decoder, DecoderConfig


def loss(weights: np.ndarray, rows: np.ndarray, labels: np.ndarray, ridge: float) -> float:
    z = rows @ weights[:-1] + weights[-1]
    return float(np.sum(np.logaddexp(0, z) - labels * z) + 0.5 * ridge * len(rows) * np.sum(weights[:-1] ** 2))


def test_the_fit_is_the_minimum_of_its_loss() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 3))
    labels = (rng.random(400) < 1 / (1 + np.exp(-(rows @ [2.0, -1.0, 0.0] + 0.5)))).astype(float)
    fitted = fit_logistic(rows, labels)
    at = np.append(fitted.weights, fitted.bias)
    best = loss(at, rows, labels, 1e-3)
    for _ in range(200):
        assert loss(at + rng.normal(scale=0.05, size=4), rows, labels, 1e-3) > best
    assert fitted.weights == pytest.approx([2.0, -1.0, 0.0], abs=0.5)


def test_separable_data_stay_finite() -> None:
    rows = np.linspace(-1, 1, 40)[:, None]
    fitted = fit_logistic(rows, (rows[:, 0] > 0).astype(float))
    assert np.isfinite(fitted.weights).all()
    assert fitted(np.array([[1.0]]))[0] > 0.9


@given(st.text())
def test_a_key_is_always_in_the_same_half(key: str) -> None:
    assert first_half(key.encode("utf-8", "replace").decode()) == first_half(key.encode("utf-8", "replace").decode())


def test_the_halves_are_of_about_equal_size() -> None:
    assert 400 < sum(first_half(str(number)) for number in range(1000)) < 600


def test_the_largest_difference_is_over_all_numbers() -> None:
    found = largest([(torch.zeros(2, 3), np.full((2, 3), 0.5)), (1.0, -1.0)])
    assert found == Found(2.0, 7)
    assert together([found, Found(3.0, 1)]) == Found(3.0, 8)
    assert by_name({"a": torch.ones(2)}, {"a": torch.ones(2)}) == Found(0.0, 2)
    assert [shown(each) for each in (found, Found(0.0, 2), None)] == ["2.0e+00", "0", "missing"]


def test_what_is_no_number_is_never_taken_for_equal() -> None:
    found = largest([(torch.zeros(2), torch.tensor([0.0, torch.nan]))])
    assert np.isnan(found.difference)
    assert np.isnan(together([Found(1.0, 1), found]).difference)


def test_what_cannot_be_compared_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    def not_installed(_place: Path) -> Found:
        raise ImportError("no module named peer")

    assert unless_impossible(not_installed) is None
    assert unless_impossible(lambda _: largest([(torch.zeros(2), torch.zeros(1, 2))])) is None
    assert unless_impossible(lambda _: by_name({"a": torch.zeros(2)}, {"b": torch.zeros(2)})) is None
    said = capsys.readouterr().err.splitlines()
    assert [line.startswith("missing: ") for line in said] == [True] * 3


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("positions", ["rotary", "learned"])
def test_a_models_flops_are_those_that_torch_counts(tied: bool, positions: str) -> None:
    model = Decoder(DecoderConfig(50, 16, 2, 4, 24, 8, positions=positions, tied=tied))  # type: ignore[arg-type]
    ids = torch.randint(50, (3, 8))
    with FlopCounterMode(display=False) as counted, sdpa_kernel(SDPBackend.MATH):
        model.logits(model(ids)).sum().backward()
    assert counted.get_total_flops() == flops_per_token(multiplied(model), 2, 16, 8) * ids.numel()


def test_a_device_is_known_by_its_whole_name() -> None:
    assert peak_of("NVIDIA H100 80GB HBM3") == 989e12
    assert peak_of("NVIDIA H100 PCIe") == 756e12
    assert peak_of("NVIDIA A100-SXM4-80GB") == 312e12
    assert [peak_of(name) for name in ("NVIDIA L40", "NVIDIA GH200 480GB", "a CPU")] == [None] * 3
