"""A base in 8 bits: codes as near as 8 bits allow, gradients those of the weights the codes stand for."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from openbook.model import Decoder, DecoderConfig
from openbook.train import lora
from openbook.train.lora_layer import LoraLayer
from openbook.train.lora_targets import LoraConfig
from openbook.train.quantised_base import BadQuantisation, QuantisedLinear, dequantise, quantise, quantised


def small() -> Decoder:
    torch.manual_seed(0)
    return Decoder(DecoderConfig(61, 24, 2, 4, 48, 32, 2, bias_attention_in=True)).eval()


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(1, 4), st.sampled_from([1, 2, 8]), st.integers(0, 99), st.floats(1e-30, 1e30))
def test_no_weight_moves_by_more_than_half_its_scale(rows: int, groups: int, size: int, seed: int, unit: float) -> None:
    weight = torch.randn(rows, groups * size, generator=torch.Generator().manual_seed(seed)) * unit
    weight[0] = 0
    codes, scales = quantised(weight, size)
    assert codes.dtype == torch.int8
    assert scales.shape == (rows, groups)
    error = (dequantise(codes, scales, torch.float32) - weight).abs().unflatten(1, (-1, size))
    assert bool((error <= scales[..., None] * 0.5001).all())
    assert torch.equal(quantised(-weight, size)[0], -codes)


def test_one_scale_a_row_unless_groups_are_asked_for() -> None:
    weight = torch.tensor([[1.0, -127.0], [0.5, 0.25]])
    codes, scales = quantised(weight)
    assert codes.tolist() == [[1, -127], [127, 64]]
    torch.testing.assert_close(scales, torch.tensor([[1.0], [0.5 / 127]]))


def restored(model: Decoder) -> Decoder:
    """The same model in FP32, its linear layers the weights that the codes stand for."""
    plain = small()
    for path, module in model.named_modules():
        base = module.base if isinstance(module, LoraLayer) else module
        if isinstance(base, QuantisedLinear):
            plain.get_submodule(path).weight.data.copy_(base.weight)
    return plain


@pytest.mark.parametrize("group", [None, 8])
def test_adapters_on_codes_train_as_on_the_weights_they_stand_for(group: int | None) -> None:
    model = small()
    quantise(model, group)
    plain = restored(model)
    ids = torch.randint(0, 61, (2, 9), generator=torch.Generator().manual_seed(0))
    gradients: list[dict[str, Tensor]] = []
    for each in (model, plain):
        torch.manual_seed(3)
        lora.add(each, LoraConfig(3))
        with torch.no_grad():
            for matrix in lora.parameters(each).values():
                matrix.normal_(std=0.1)
        hidden = each(ids)
        each.logits(hidden).logsumexp(-1).mean().backward()
        gradients.append({name: matrix.grad for name, matrix in lora.parameters(each).items()})  # type: ignore[misc]
    torch.testing.assert_close(model(ids), plain(ids), atol=1e-5, rtol=1e-5)
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradient, gradients[1][name], atol=1e-6, rtol=1e-4)


def test_a_layer_without_an_adapter_passes_the_gradient_on() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(8, 5)
    small_layer = QuantisedLinear(*quantised(layer.weight), layer.bias, torch.float32)
    x = torch.randn(3, 4, 8, requires_grad=True)
    y = small_layer(x)
    torch.testing.assert_close(y, x @ small_layer.weight.T + layer.bias)
    (gradient,) = torch.autograd.grad(y.sin().sum(), x)
    (expected,) = torch.autograd.grad((x @ small_layer.weight.T + layer.bias).sin().sum(), x)
    torch.testing.assert_close(gradient, expected)


def test_the_codes_take_a_quarter_of_the_bytes_and_nothing_more_is_kept_to_train() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(256, 256, bias=False)
    holder = nn.Sequential(layer)
    quantise(holder)
    held = sum(t.numel() * t.element_size() for t in (*holder.parameters(), *holder.buffers()))
    assert held == 256 * 256 + 256 * 4
    saved: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        saved[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        holder(torch.randn(2, 256, requires_grad=True))
    assert sum(saved.values()) == held


def test_merged_codes_become_weights_in_their_old_precision() -> None:
    for dtype in (torch.float32, torch.bfloat16):
        model = small().to(dtype)
        names = set(model.state_dict())
        quantise(model)
        lora.add(model, LoraConfig(2))
        ids = torch.arange(8)[None]
        before = model(ids)
        lora.merge(model)
        lora.unmerge(model)
        assert torch.equal(model(ids), before)
        lora.merge(model, keep=False)
        assert set(model.state_dict()) == names
        assert all(tensor.dtype == dtype for tensor in model.state_dict().values())
        torch.testing.assert_close(model(ids), before, atol=0.05, rtol=0.05)


def test_output_embedding_embeddings_and_norms_keep_their_precision() -> None:
    model = small()
    quantise(model)
    assert isinstance(model.unembedding, nn.Linear)
    assert model.unembedding.weight is model.embedding.weight
    assert isinstance(model.blocks[0].attention.query, QuantisedLinear)


def test_weights_that_cannot_be_held_are_refused() -> None:
    with pytest.raises(BadQuantisation, match="do not divide"):
        quantised(torch.ones(2, 6), 4)
    with pytest.raises(BadQuantisation, match="finite"):
        quantised(torch.full((2, 2), torch.inf))
