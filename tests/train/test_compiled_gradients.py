"""A compiled block in BF16 learns what the uncompiled one does; on some processors its gradients have been nan."""

import shutil

import pytest
import torch

from openbook.model import Decoder, DecoderConfig
from openbook.model.attention import plain
from openbook.train.loss import cross_entropy
from openbook.train.techniques import compile_blocks

CONFIG = DecoderConfig(vocabulary=64, width=256, layers=1, heads=4, inner=256, context=256)


def gradients(*, compiled: bool) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    model = Decoder(CONFIG).train()
    if compiled:
        compile_blocks(model)
    ids = torch.randint(0, 64, (2, 257))
    documents = torch.arange(4).repeat_interleave(64).expand(2, -1)
    with plain(), torch.autocast("cpu", torch.bfloat16):
        hidden = model(ids[:, :-1], documents=documents)
        loss = cross_entropy(hidden.flatten(0, 1), model.unembedding.weight, ids[:, 1:].flatten())
    (loss / 512).backward()
    return {name: p.grad for name, p in model.named_parameters()}


@pytest.mark.slow
@pytest.mark.skipif(not any(map(shutil.which, ("c++", "g++", "clang++"))), reason="there is no C++ compiler")
@pytest.mark.filterwarnings("ignore")  # torch warns itself while it compiles
def test_compiled_gradients_are_those_of_the_uncompiled_block() -> None:
    torch.compiler.reset()
    found, expected = gradients(compiled=True), gradients(compiled=False)
    for name, gradient in expected.items():
        assert torch.isfinite(found[name]).all(), name
        assert (found[name] - gradient).norm() <= 0.03 * gradient.norm(), name
