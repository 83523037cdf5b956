"""A run's folder: set up and never begun, it belongs to nobody; begun, only to the recipe that began it."""

import dataclasses

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


def test_a_run_that_began_is_for_its_recipe_alone(make: Make) -> None:
    run(make(), Seen().watch)
    with pytest.raises(TrainProblem, match=r"was started with optimiser\.rate"):
        run(make("optimiser.rate=0.5"), Seen().watch)


def test_the_datasets_are_looked_for_beside_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBOOK_DATA", raising=False)
    assert Data("$OPENBOOK_DATA/lm/x.txt").source.as_posix() == "../shared/data/lm/x.txt"
    monkeypatch.setenv("OPENBOOK_DATA", "/somewhere")
    assert Data("$OPENBOOK_DATA/lm/x.txt").source.as_posix() == "/somewhere/lm/x.txt"
