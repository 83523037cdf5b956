"""A run that begins from a trained model: it keeps that model's pieces and shape, and takes no other silently."""

import json
from pathlib import Path

import pytest
from small_runs import Make, Seen

from openbook.train.problems import TrainProblem
from openbook.train.run import run
from openbook.train.start import from_start


def test_a_started_model_reads_by_its_own_tokenizer(make: Make, tmp_path: Path, corpus: Path) -> None:
    run(make(), Seen().watch)
    corpus.write_text("äöü" + corpus.read_text())
    start = tmp_path / "run" / "model"
    run(make(f"model.start={start}", out="next"), Seen().watch)
    kept = [json.loads((folder / "tokenizer.json").read_text()) for folder in (start, tmp_path / "next" / "model")]
    assert kept[0]["model"]["vocab"] == kept[1]["model"]["vocab"]


def test_a_started_model_must_have_the_corpus_s_vocabulary(make: Make, tmp_path: Path, corpus: Path) -> None:
    run(make(), Seen().watch)
    corpus.write_text("äöü" + corpus.read_text())
    start = tmp_path / "run" / "model"
    (start / "tokenizer.json").unlink()
    with pytest.raises(TrainProblem, match=r"ids up to .* set data\.tokenizer"):
        run(make(f"model.start={start}", out="next"), Seen().watch)


@pytest.mark.parametrize("change", ["model.layers=3", "model.positions=learned", "model.tied=false", "model.inner=96"])
def test_a_shape_that_is_not_the_start_s_is_refused(make: Make, tmp_path: Path, change: str) -> None:
    run(make(), Seen().watch)
    key = change.partition("=")[0]
    with pytest.raises(TrainProblem, match=rf"{key} is .* and the model in .* has .*: leave it out"):
        run(make(f"model.start={tmp_path / 'run' / 'model'}", change, out="next"), Seen().watch)


def test_a_started_model_drops_as_the_recipe_says(make: Make, tmp_path: Path) -> None:
    run(make(), Seen().watch)
    start = f"model.start={tmp_path / 'run' / 'model'}"
    plain, dropping = (from_start(make(start, f"model.dropout={share}").model, 0) for share in (0.0, 0.5))
    assert dropping.config.dropout == 0.5
    for name, parameter in plain.named_parameters():
        assert parameter.equal(dropping.get_parameter(name))


def test_a_width_that_heads_do_not_divide_is_refused(make: Make) -> None:
    with pytest.raises(TrainProblem, match=r"model\.width is \d+, and must be a multiple of model\.heads, 7"):
        run(make("model.heads=7"), Seen().watch)
