"""LoRA: the layer that runs is the equation, adapters add up, and the base comes back bit for bit."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from lora_twins import FAMILIES, outputs, some_ids, twins
from torch import Tensor, nn

from openbook.model import Decoder, DecoderConfig
from openbook.train import lora
from openbook.train.lora import by_the_equation
from openbook.train.lora_layer import LoraLinear, Setting, fresh
from openbook.train.lora_layer_product import product
from openbook.train.lora_targets import BadLora, LoraConfig


def small(**changes: object) -> Decoder:
    torch.manual_seed(0)
    return Decoder(DecoderConfig(61, 24, 2, 4, 40, 32, 2, **changes)).eval()  # type: ignore[arg-type]


def shake(model: nn.Module, name: str, seed: int = 0) -> None:
    torch.manual_seed(seed)
    with torch.no_grad():
        for matrix in lora.parameters(model, name).values():
            matrix.normal_(std=0.2)


def linear(
    rows: int, rank: int, seed: int, dtype: torch.dtype = torch.float64, bias: bool = True
) -> tuple[Tensor, Tensor, Tensor | None, Tensor, Tensor]:
    torch.manual_seed(seed)
    made = [torch.randn(shape, dtype=dtype) for shape in ((2, rows, 7), (5, 7), (5,), (rank, 7), (5, rank))]
    x, weight, offset, a, b = (tensor.requires_grad_() for tensor in made)
    weight.requires_grad_(requires_grad=False)
    offset.requires_grad_(requires_grad=False)
    return x, weight, offset if bias else None, a, b


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 6), st.integers(1, 8), st.floats(0.1, 4), st.booleans(), st.integers(0, 99))
def test_forward_and_gradients_are_the_equations(rows: int, rank: int, scale: float, bias: bool, seed: int) -> None:
    x, weight, offset, a, b = linear(rows, rank, seed, bias=bias)
    fast = product(x, weight, None, offset, a, b, scale)
    plain = by_the_equation(x, weight, offset, a, b, scale)
    torch.testing.assert_close(fast, plain)
    towards = torch.randn_like(plain)
    for mine, other in zip(
        torch.autograd.grad(fast, (x, a, b), towards), torch.autograd.grad(plain, (x, a, b), towards), strict=True
    ):
        torch.testing.assert_close(mine, other)


def test_gradients_agree_with_finite_differences() -> None:
    x, weight, offset, a, b = linear(3, 2, 0)
    torch.autograd.gradcheck(lambda *free: product(free[0], weight, None, offset, free[1], free[2], 1.7), (x, a, b))


def test_dropout_drops_inputs_of_a_and_its_gradient_sees_the_same_mask() -> None:
    x, weight, offset, a, b = linear(400, 3, 0)

    def run(*free: Tensor) -> Tensor:
        torch.manual_seed(5)
        return product(free[0], weight, None, offset, free[1], free[2], 0.7, 0.25)

    x, rows = x.detach(), 4
    torch.autograd.gradcheck(run, (x[:, :rows].clone().requires_grad_(), a, b))
    kept = run(torch.ones_like(x), torch.eye(3, 7, dtype=a.dtype), torch.eye(5, 3, dtype=b.dtype))
    plain = by_the_equation(torch.ones_like(x), weight, offset, a * 0, b, 0.7)
    found = ((kept - plain)[..., :3] / 0.7).detach()
    assert set(found.round(decimals=6).unique().tolist()) == {0.0, round(1 / 0.75, 6)}
    assert abs(float(found.mean()) - 1) < 0.05  # what is left is scaled up, so that the mean stays


def test_bf16_products_keep_fp32_adapters_and_stay_near() -> None:
    x, weight, offset, a, b = linear(64, 4, 0, torch.float32)
    expected = by_the_equation(x, weight, offset, a, b, 0.5)
    assert offset is not None
    got = product(x.bfloat16(), weight.bfloat16(), None, offset.bfloat16(), a, b, 0.5)
    assert got.dtype == torch.bfloat16
    got.float().sum().backward()
    assert a.grad is not None
    assert a.grad.dtype == torch.float32
    assert float(((got - expected).norm() / expected.norm()).detach()) < 0.01
    with torch.autocast("cpu", torch.bfloat16):
        assert product(x, weight, None, offset, a, b, 0.5).dtype == torch.bfloat16


def test_less_is_kept_for_the_backward_pass_than_by_plain_operations() -> None:
    saved: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        saved[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    torch.manual_seed(0)
    layer = nn.Linear(64, 64).requires_grad_(requires_grad=False)
    adapted = LoraLinear(layer)
    adapted.put("default", *fresh(layer, 4), Setting(8))
    adapted.use({"default": 1.0})
    x = torch.randn(512, 64, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        [adapted(x) for _ in range(3)]
    inputs, low, matrices = 512 * 64 * 4, 3 * 512 * 4 * 4, 2 * 4 * 64 * 4 + 64 * 64 * 4
    assert sum(saved.values()) == inputs + low + matrices


@pytest.mark.parametrize("family", FAMILIES)
def test_a_new_adapter_changes_nothing_and_trains_alone(family: str) -> None:
    model, _ = twins(family)
    before = outputs(model, some_ids())
    lora.add(model, LoraConfig(3, targets=("all", "embedding")))
    assert torch.equal(outputs(model, some_ids()), before)
    training = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert training == set(lora.parameters(model))
    outputs(model, some_ids()).square().mean().backward()
    for name, parameter in model.named_parameters():
        assert (parameter.grad is not None) == (name in training), name


def test_all_linear_layers_but_the_output_embedding_are_the_default() -> None:
    model = small()
    lora.add(model, LoraConfig())
    ends = {path.rpartition(".")[2] for path in lora.layers_of(model)}
    assert ends == {"query", "key", "value", "output", "gate", "up", "down"}
    assert len(lora.layers_of(model)) == 14


def test_scales_plain_and_rank_stabilised() -> None:
    assert LoraConfig(16, 8).setting.scale(16) == 0.5
    assert LoraConfig(16, 8, rank_stabilised=True).setting.scale(16) == 2.0


def test_the_share_that_trains_is_counted_once_a_tensor() -> None:
    model = small()
    everything = sum(parameter.numel() for parameter in model.parameters())
    lora.add(model, LoraConfig(2, targets=("query", "value")))
    share = lora.trainable_share(model)
    assert share.trainable == 2 * 2 * (24 + 24 + 24 + 12)
    assert share.all == everything + share.trainable


def two() -> Decoder:
    model = small()
    lora.add(model, LoraConfig(3, 5, targets=("all", "embedding")), "first")
    lora.add(model, LoraConfig(2, 9, targets=("query", "down")), "second")
    shake(model, "first", 1)
    shake(model, "second", 2)
    return model


def test_adapters_are_switched_weighted_and_left_out() -> None:
    model, base = two(), outputs(small(), some_ids())
    results: dict[str, Tensor] = {}
    for name in ("first", "second"):
        lora.use(model, name)
        results[name] = outputs(model, some_ids())
        alone = small()
        lora.add(alone, LoraConfig(3, 5, targets=("all", "embedding")) if name == "first"
                 else LoraConfig(2, 9, targets=("query", "down")), name)  # fmt: skip
        shake(alone, name, 1 if name == "first" else 2)
        assert torch.equal(results[name], outputs(alone, some_ids()))
    assert not torch.allclose(results["first"], results["second"], atol=1e-3)
    lora.use(model, {"first": 1.0, "second": 0.0})
    torch.testing.assert_close(outputs(model, some_ids()), results["first"])
    lora.use(model)
    assert torch.equal(outputs(model, some_ids()), base)


def test_a_weighted_sum_is_the_sum_of_the_products() -> None:
    model = two()
    lora.use(model, {"first": 0.7, "second": -1.5})
    plain = small()
    with torch.no_grad():
        for path, layer in lora.layers_of(model).items():
            if path == "embedding":
                continue
            for name, weight in (("first", 0.7), ("second", -1.5)):
                if name in layer.settings:
                    plain.get_submodule(path).weight.add_(weight * layer.scale(name) * layer.b[name] @ layer.a[name])
    ids = some_ids()
    lora.layers_of(model)["embedding"].use({})
    torch.testing.assert_close(outputs(model, ids), outputs(plain, ids), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_merging_keeps_the_outputs_and_unmerging_gives_back_every_bit(dtype: torch.dtype) -> None:
    model = two().to(dtype)
    lora.use(model, {"second": 0.8})
    base = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    before = outputs(model, some_ids())
    lora.merge(model)
    assert lora.is_merged(model)
    tight = dtype == torch.float32
    torch.testing.assert_close(
        outputs(model, some_ids()), before, atol=1e-5 if tight else 0.1, rtol=1e-5 if tight else 0.1
    )
    lora.unmerge(model)
    assert torch.equal(outputs(model, some_ids()), before)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, base[name]), name


def test_a_merge_for_good_leaves_an_ordinary_model() -> None:
    model = small()
    names = set(model.state_dict())
    lora.add(model, LoraConfig(3))
    shake(model, "default")
    before = outputs(model, some_ids())
    lora.merge(model, keep=False)
    assert set(model.state_dict()) == names
    assert not lora.layers_of(model)
    torch.testing.assert_close(outputs(model, some_ids()), before, atol=1e-5, rtol=1e-5)


def test_an_embedding_merges_unless_the_output_shares_it() -> None:
    for tied in (False, True):
        model = small(tied=tied)
        lora.add(model, LoraConfig(3, targets=("embedding",)))
        shake(model, "default")
        before = outputs(model, some_ids())
        if tied:
            with pytest.raises(BadLora, match="shares the embedding"):
                lora.merge(model)
        else:
            lora.merge(model)
        torch.testing.assert_close(outputs(model, some_ids()), before, atol=1e-5, rtol=1e-5)


def test_the_last_adapter_off_leaves_the_base() -> None:
    model, names = two(), set(small().state_dict())
    lora.remove(model, "first")
    assert set(lora.names(model)) == {"second"}
    assert len(lora.layers_of(model)) == 4
    lora.remove(model, "second")
    assert set(model.state_dict()) == names
    assert torch.equal(outputs(model, some_ids()), outputs(small(), some_ids()))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"rank": 0}, "rank"),
        ({"rank": 1 << 20}, "rank"),
        ({"alpha": 0}, "alpha"),
        ({"alpha": float("nan")}, "alpha"),
        ({"dropout": 1.0}, "dropout"),
        ({"dropout": -0.1}, "dropout"),
        ({"targets": ()}, "at least one target"),
        ({"targets": ("quary",)}, "no layer is called 'quary'"),
        ({"targets": ("lm_head",)}, "output embedding"),
    ],
)
def test_settings_that_make_no_adapter_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(BadLora, match=says):
        LoraConfig(**settings)  # type: ignore[arg-type]


def test_names_and_order_are_checked() -> None:
    model = small()
    with pytest.raises(BadLora, match="cannot name an adapter"):
        lora.add(model, LoraConfig(), "a.b")
    with pytest.raises(BadLora, match="no layer called pooler"):
        lora.add(model, LoraConfig(targets=("pooler",)))
    with pytest.raises(BadLora, match="nothing is merged"):
        lora.unmerge(model)
    lora.add(model, LoraConfig(2))
    with pytest.raises(BadLora, match="already there"):
        lora.add(model, LoraConfig(2))
    for act in (lora.use, lora.remove):
        with pytest.raises(BadLora, match="no adapter is called 'other'"):
            act(model, "other")
    lora.merge(model)
    for call in (lambda: lora.use(model, "default"), lambda: lora.add(model, LoraConfig(), "next"),
                 lambda: lora.remove(model, "default")):  # fmt: skip
        with pytest.raises(BadLora, match="unmerge before"):
            call()
