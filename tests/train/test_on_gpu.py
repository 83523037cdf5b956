"""On a GPU: a step waits for nothing, attention runs on the flash kernel, a run goes on, and a sample is drawn."""

from pathlib import Path

import numpy as np
import pytest
import torch
from small_runs import Make, Seen
from torch.nn.attention import SDPBackend, sdpa_kernel

from openbook import tokens
from openbook.model import Decoder, DecoderConfig
from openbook.train.corpus import prepare
from openbook.train.finetune_sample import continuation
from openbook.train.group import Group
from openbook.train.loop import update
from openbook.train.recipe import TrainRecipe
from openbook.train.run import begin, parts, run
from openbook.train.shards import write_shards

pytestmark = [
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
    pytest.mark.filterwarnings("ignore"),  # torch warns that it watches for waiting
]


def one_step(recipe: TrainRecipe, tmp_path: Path) -> None:
    group = Group(0, 1, torch.device("cuda", 0))
    corpus = prepare(recipe.data, tmp_path / "x")
    state = begin(recipe, corpus, group)
    training, _ = parts(recipe, corpus, state.model.config.context)
    update(state, recipe, training, group)  # what is made but once may wait
    torch.cuda.set_sync_debug_mode("error")
    try:
        update(state, recipe, training, group)
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("change", ["train.precision=bf16", "train.chunked_loss=false", "optimiser.kind=muon"])
def test_a_step_waits_for_nothing(make: Make, tmp_path: Path, change: str) -> None:
    one_step(make("train.device=cuda", change), tmp_path)


def test_nor_does_one_on_packed_documents(make: Make, tmp_path: Path) -> None:
    write_shards(tmp_path / "tokens", [[np.arange(20) % 11] for _ in range(30)], 11)
    one_step(make("train.device=cuda", f"data.path={tmp_path / 'tokens'}"), tmp_path)


def test_attention_runs_on_the_flash_kernel(make: Make, tmp_path: Path) -> None:
    """Raises where that kernel does not take what it is given."""
    with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        one_step(make("train.device=cuda", "train.precision=bf16", "model.key_value_heads=1"), tmp_path)


def test_a_stopped_run_goes_on(make: Make) -> None:
    def stop(step: int) -> None:
        if step == 5:
            raise KeyboardInterrupt

    whole, first, second = Seen(), Seen(at_step=stop), Seen()
    changes = ("train.device=cuda", "model.dropout=0.1")
    run(make(*changes, out="whole"), whole.watch)
    with pytest.raises(KeyboardInterrupt):
        run(make(*changes, out="stopped"), first.watch)
    run(make(*changes, out="stopped"), second.watch)
    for step, loss in second.losses().items():
        assert loss == pytest.approx(whole.losses()[step], rel=1e-3)


def test_a_sample_is_drawn_where_the_model_is() -> None:
    tokenizer = tokens.train_bpe(["one two three"] * 3, 270)
    model = Decoder(DecoderConfig(tokenizer.size, 16, 1, 2, 24, 32)).to("cuda")
    assert isinstance(continuation(model, tokenizer, "one", 4), str)


@pytest.mark.parametrize("compiled", ["blocks", "whole"])
@pytest.mark.parametrize(
    "shape", [(), ("model.positions=learned", "model.norm=layer", "model.activation=gelu_tanh", "model.biases=true")]
)
def test_a_compiled_model_learns_as_one_that_is_not(
    make: Make, monkeypatch: pytest.MonkeyPatch, compiled: str, shape: tuple[str, ...]
) -> None:
    """In BF16, with the loss in several chunks: the losses fall alike."""
    monkeypatch.setattr("openbook.train.loss.LOGITS_ON_GPU", 64)
    plain, other = Seen(), Seen()
    changes = ("train.device=cuda", "train.precision=bf16", *shape)
    run(make(*changes, out="plain"), plain.watch)
    run(make(*changes, f"train.compile={compiled}", out="compiled"), other.watch)
    for step, loss in other.losses().items():
        assert loss == pytest.approx(plain.losses()[step], rel=2e-2)
