"""SmoothQuant for a decoder: the same function in floats, and outliers that cost nothing any more."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from openbook import tokens
from openbook.compress.checkpoint_weights import open_decoder
from openbook.compress.decoder_folder import Compression, compress_decoder
from openbook.compress.decoder_largest import largest_activations
from openbook.compress.quantise import symmetric
from openbook.compress.smooth import divisors_by_the_equation
from openbook.compress.smooth_decoder import seams, smoothed
from openbook.generate.onnx_folder import open_decoder_folder
from openbook.generate.onnx_session import OnnxSession
from openbook.model import Decoder, DecoderConfig
from openbook.model.checkpoint import save

LLAMA = DecoderConfig(vocabulary=60, width=32, layers=2, heads=4, inner=48, context=32, key_value_heads=2)
GPT2 = replace(
    LLAMA, positions="learned", norm="layer", activation="gelu", bias_attention_in=True, bias_attention_out=True,
    bias_feed_forward=True,
)  # fmt: skip
IDS = torch.randint(0, 60, (1, 24), generator=torch.Generator().manual_seed(0))


def random_model(config: DecoderConfig) -> Decoder:
    torch.manual_seed(0)
    model = Decoder(config).eval()
    for name, parameter in model.named_parameters():
        torch.nn.init.normal_(parameter, mean=float("norm.weight" in name), std=0.15)
    return model


def arrays(model: Decoder) -> dict[str, np.ndarray]:
    return {name: parameter.detach().numpy().copy() for name, parameter in model.named_parameters()}


def with_arrays(model: Decoder, weights: dict[str, np.ndarray]) -> Decoder:
    made = Decoder(model.config).eval()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            parameter.copy_(torch.from_numpy(weights[name]))
    return made


def said(model: Decoder) -> np.ndarray:
    with torch.inference_mode():
        return model.logits(model(IDS))[0].numpy()


def largest(model: Decoder) -> dict[str, np.ndarray]:
    """max|x| of each channel at each seam, seen by the product that reads it first."""
    found: dict[str, np.ndarray] = {}
    for name, seam in seams(model.config).items():
        product = model.get_submodule(seam.read[0].removesuffix(".weight"))
        product.register_forward_pre_hook(
            lambda _, inputs, name=name: found.update({name: inputs[0][0].abs().amax(dim=0).numpy()})
        )
    said(model)
    return found


@pytest.mark.parametrize("config", [LLAMA, replace(LLAMA, tied=False), replace(LLAMA, bias_feed_forward=True), GPT2])
@pytest.mark.parametrize("alpha", [0.25, 0.5, 1.0])
def test_in_floats_nothing_changes(config: DecoderConfig, alpha: float) -> None:
    model = random_model(config)
    made = with_arrays(model, smoothed(arrays(model), config, largest(model), alpha))
    assert np.abs(said(made) - said(model)).max() < 2e-5
    assert not np.array_equal(
        arrays(made)["blocks.0.attention.query.weight"], arrays(model)["blocks.0.attention.query.weight"]
    )


def test_a_planted_outlier_is_undone() -> None:
    """One channel of a norm 50 times larger, its weights as much smaller: smoothing gives the model before it."""
    model = random_model(LLAMA)
    planted = arrays(model)
    seam = seams(LLAMA)["blocks.0.attention_norm"]
    planted[seam.divided[0]][3] *= 50
    for name in seam.read:
        planted[name][:, 3] /= 50
    other = with_arrays(model, planted)
    found, expected = (smoothed(arrays(each), LLAMA, largest(each)) for each in (other, model))
    for name in (*seam.divided, *seam.read):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-4, atol=1e-6)


def test_both_sides_grow_equally_large_at_one_half() -> None:
    x, w = np.array([100.0, 1.0, 4.0], np.float32), np.array([1.0, 1.0, 0.25], np.float32)
    s = divisors_by_the_equation(x, w, 0.5)
    assert s == pytest.approx([10, 1, 4])
    assert x / s == pytest.approx(w * s)
    assert divisors_by_the_equation(x, w, 0.0) == pytest.approx(1 / w)
    assert divisors_by_the_equation(np.zeros(3, np.float32), w, 0.5) == pytest.approx([1, 1, 1])


def test_a_product_of_rounded_outliers_comes_nearer() -> None:
    random = np.random.default_rng(0)
    x, w = random.normal(size=(64, 32)).astype(np.float32), random.normal(size=(48, 32)).astype(np.float32)
    x[:, 5] *= 60
    s = divisors_by_the_equation(np.abs(x).max(axis=0), np.abs(w).max(axis=0), 0.5)
    plain = symmetric(x, 8, "tensor").dequantise() @ symmetric(w).dequantise().T
    smooth = symmetric(x / s, 8, "tensor").dequantise() @ symmetric(w * s).dequantise().T
    off = [float(np.square(each - x @ w.T).mean()) for each in (plain, smooth)]
    assert off[1] < off[0] / 5


@pytest.mark.parametrize("config", [LLAMA, replace(LLAMA, tied=False), replace(LLAMA, bias_feed_forward=True)])
def test_the_graph_sees_what_the_model_computes(config: DecoderConfig, tmp_path: Path) -> None:
    model = random_model(replace(config, head_dim=16))
    save(tmp_path / "model", model)
    with open_decoder(tmp_path / "model") as (read, weights):
        found = largest_activations(read, weights, [IDS[0].numpy(), IDS[0, :3].numpy()])
    expected = largest(model)
    for name in seams(model.config):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-4, atol=1e-5)


def test_a_compressed_folder_loses_planted_outliers(tmp_path: Path) -> None:
    config = replace(LLAMA, vocabulary=300, width=64, inner=96, head_dim=16)
    model = random_model(config)
    planted = arrays(model)
    for name, seam in seams(config).items():
        if name.endswith("_norm"):
            planted[seam.divided[0]][3] *= 100
            for each in seam.read:
                planted[each][:, 3] /= 100
    save(tmp_path / "model", with_arrays(model, planted))
    tokens.train_bpe(["a few words, a few more"] * 4, 270).save(tmp_path / "model" / "tokenizer.json")
    off: list[float] = []
    for number, smoothed_on in enumerate([(), (IDS[0].numpy(),)]):
        compress_decoder(tmp_path / "model", tmp_path / str(number), Compression("int8", smoothed_on=smoothed_on))
        found = OnnxSession(open_decoder_folder(tmp_path / str(number)), 1).logits(IDS[0].numpy())
        off.append(float(np.abs(found - said(model)).mean()))
    assert off[1] < off[0] / 2
