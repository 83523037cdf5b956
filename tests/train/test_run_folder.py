"""A run's folder: set up and never begun, it belongs to nobody; begun, only to the recipe that began it."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from small_runs import Make, Seen

from openbook.train.problems import TrainProblem
from openbook.train.recipe import Data
from openbook.train.run import run


def test_a_run_that_never_began_gives_way_to_another_recipe(make: Make) -> None:
    missing = dataclasses.replace(make(), data=Data("nowhere.txt"))
    with pytest.raises(TrainProblem, match=r"there is no nowhere\.txt"):
        run(missing, Seen().watch)
    assert run(make(), Seen().watch).finished


def test_a_run_that_failed_at_once_leaves_nothing_behind(make: Make, tmp_path: Path) -> None:
    with pytest.raises(TrainProblem, match=r"there is no nowhere\.txt"):
        run(dataclasses.replace(make(out="failed"), data=Data("nowhere.txt")), Seen().watch)
    assert not (tmp_path / "failed").exists()


def test_a_corpus_that_changed_is_not_gone_on_with(make: Make, corpus: Path) -> None:
    def stop(step: int) -> None:
        if step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(make("out.checkpoint_every=4"), Seen(at_step=stop).watch)
    before = corpus.read_text()
    corpus.write_text(before + "one more line\n")
    with pytest.raises(TrainProblem, match=r"has changed since this run began .* set out\.folder"):
        run(make("out.checkpoint_every=4"), Seen().watch)
    corpus.write_text(before)  # another time, the same text
    assert run(make("out.checkpoint_every=4"), Seen().watch).finished
    corpus.unlink()  # its tokens are kept
    assert run(make("out.checkpoint_every=4"), Seen().watch).finished


def test_a_folder_of_somebody_else_s_is_left_alone(make: Make, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    (theirs / "tokens").mkdir(parents=True)
    (theirs / "tokens" / "mine.txt").write_text("precious")
    (theirs / "run.json").write_text('{"mine": 1}')
    with pytest.raises(TrainProblem, match=r"is not the record of a training run"):
        run(make(out="theirs"), Seen().watch)
    assert (theirs / "tokens" / "mine.txt").read_text() == "precious"
    assert (theirs / "run.json").read_text() == '{"mine": 1}'


def test_what_another_run_measured_goes_with_it(make: Make, tmp_path: Path) -> None:
    """Stopped before its first checkpoint, it left metrics."""
    run(make("train.steps=4"), Seen().watch)
    for name in ("model", "checkpoints"):
        shutil.rmtree(tmp_path / "run" / name)
    seen = Seen()
    run(make("optimiser.rate=0.5", "train.steps=2"), seen.watch)
    rows = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows if "loss" in row] == [1, 2]


def test_a_run_that_began_is_for_its_recipe_alone(make: Make) -> None:
    run(make(), Seen().watch)
    with pytest.raises(TrainProblem, match=r"was started with optimiser\.rate"):
        run(make("optimiser.rate=0.5"), Seen().watch)


def test_the_datasets_are_looked_for_beside_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBOOK_DATA", raising=False)
    assert Data("$OPENBOOK_DATA/lm/x.txt").source.as_posix() == "../shared/data/lm/x.txt"
    monkeypatch.setenv("OPENBOOK_DATA", "/somewhere")
    assert Data("$OPENBOOK_DATA/lm/x.txt").source.as_posix() == "/somewhere/lm/x.txt"
