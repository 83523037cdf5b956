"""The benchmark of verifiable rewards: what is kept is not made again, the test not learnt from, tables count right."""

from pathlib import Path

import pytest

from benchmarks.verifiable_stages import Stage, apart, kept, plateau
from benchmarks.verifiable_tables import plateau_table, right_table, ways_table
from benchmarks.verifiable_trial import MORE, PLATEAU, REWARDED, WAYS, WORKED, Answered, Trial
from openbook import recipes
from openbook.align.sft_recipe import SftRecipe
from openbook.align.tasks import by_name

ROOT = Path(__file__).parents[2]


def test_what_is_kept_is_not_made_again_and_a_failure_keeps_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "stage.json"
    with pytest.raises(ZeroDivisionError):
        kept(path, lambda: {"steps": 1 // 0})
    assert not path.exists()
    assert kept(path, lambda: {"steps": 1}) == {"steps": 1}
    assert kept(path, lambda: {"steps": 2}) == {"steps": 1}


def test_problems_of_the_test_are_not_learnt_from() -> None:
    task = by_name("sorting")
    tested = task.problems(40, [1], (1, 1))
    prompts = {one.prompt for one in tested}
    found = apart(task, tested).problems(300, [2], (1, 1))
    assert not prompts & {one.prompt for one in found}
    assert prompts & {one.prompt for one in task.problems(300, [2], (1, 1))}


@pytest.mark.parametrize(("accuracies", "lengths"), [([0.5, 0.51], 2), ([0.2, 0.4, 0.6, 0.3], 4), ([0.1] * 2, 2)])
def test_lengths_are_doubled_until_that_brings_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accuracies: list[float], lengths: int
) -> None:
    left = iter(accuracies)

    def supervised(_: SftRecipe, steps: int, folder: Path) -> Stage:
        return {"steps": steps, "accuracy": next(left), "seconds": 1.0, "model": str(folder)}

    monkeypatch.setattr("benchmarks.verifiable_stages.supervised", supervised)
    recipe = recipes.read(ROOT / "recipes" / "arithmetic-sft.toml", SftRecipe)
    tried = plateau(recipe, tmp_path)
    assert [one["accuracy"] for one in tried] == accuracies
    assert [one["steps"] for one in tried] == [300 << number for number in range(lengths)]
    assert plateau(recipe, tmp_path) == tried  # all kept


def made(right: dict[str, list[list[bool]]], shown: bool) -> dict[str, Answered]:
    return {
        way: Answered(rows, [[shown for _ in row] for row in rows], [[7 for _ in row] for row in rows])
        for way, rows in right.items()
    }


def test_tables_hold_shares_gains_and_what_any_of_several_reaches() -> None:
    few, many = [[True, False], [False, False]] * 20, [[True, True], [True, False]] * 20
    drawn = {way: many if way == REWARDED else few for way in WAYS}
    likeliest = {way: [[row[0]] for row in rows] for way, rows in drawn.items()}
    stages = {way: {"steps": 3, "seconds": 60.0, "rows": []} for way in WAYS}
    tried = [{"steps": 300, "accuracy": 0.25}, {"steps": 600, "accuracy": 0.5}]
    one = Trial(5, tried, stages, made(likeliest, True), made(drawn, False))
    table, figures = right_table([one])
    values = {figure.name: figure.value for figure in figures}
    assert values[f"{PLATEAU}: drawn right"] == 0.25
    assert values[f"{REWARDED}: drawn right"] == 0.75
    assert values[f"GRPO less {WORKED}, likeliest"] == values[f"GRPO less {MORE}, drawn"] == 0.5
    assert [row[0] for row in table.rows] == list(WAYS)
    ways, _ = ways_table([one])
    assert ways.rows[-1] == (REWARDED, "1.000", "0.000", "–", "0.750", "7.0", "1.000")
    assert ways.rows[0][-1] == "0.500"
    assert plateau_table([one]).rows == (("300", "0.250"), ("600", "0.500"))
