"""A bake-off runs from its recipe to its page, goes on with what is missing, and repeats itself by seed."""

from dataclasses import replace
from pathlib import Path

import pytest
from small_compare import recipe

from openbook.align.compare import experiment
from openbook.align.compare.experiment import compare
from openbook.align.compare.outcome import Outcome
from openbook.align.compare.recipe import CompareRecipe
from openbook.align.compare.report import TITLE, as_json, sections
from openbook.align.problems import AlignProblem
from openbook.report.page import page


def ran(wanted: CompareRecipe) -> tuple[Outcome, list[tuple[float, str]]]:
    told: list[tuple[float, str]] = []
    return compare(wanted, lambda share, what: told.append((share, what))), told


def test_every_method_is_measured_and_the_page_is_made(tmp_path: Path) -> None:
    outcome, told = ran(recipe(tmp_path))
    assert [climb.name for climb in outcome.climbs] == ["rejection", "dpo", "ipo", "ppo", "grpo"]
    assert [climb.climbs for climb in outcome.hacked] == ["proxy", "proxy", "ensemble", "proxy without length"]
    for climb in (*outcome.climbs, *outcome.hacked):
        assert not climb.stopped
        assert climb.points[0].kl == pytest.approx(0, abs=1e-6)
        assert climb.end.kl > 0
        assert climb.end.replies >= 8
        assert climb.end.seconds > 0
        assert len(climb.end.measured.wins) == 5
    assert [one.n for one in outcome.best_of] == [1, 2, 4]
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] <= 1
    assert page(TITLE, sections(outcome)).count("<svg") == 7
    assert len(as_json(outcome)["hacked"]) == 4


def test_a_killed_bake_off_goes_on_and_ends_as_one_that_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(recipe(tmp_path, "whole"), methods=("dpo",), hacking=None)
    whole, _ = ran(few)
    climb = experiment.climb

    def killed(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment, "climb", killed)
    again = replace(recipe(tmp_path, "killed"), methods=("dpo",), hacking=None)
    with pytest.raises(KeyboardInterrupt):
        ran(again)
    monkeypatch.setattr(experiment, "climb", climb)
    monkeypatch.setattr(experiment, "labelled", killed)  # done before, so not done again
    monkeypatch.setattr(experiment, "taught", killed)
    resumed, _ = ran(again)
    assert [p.measured for p in resumed.climbs[0].points] == [p.measured for p in whole.climbs[0].points]
    assert resumed.best_of == whole.best_of
    monkeypatch.setattr(experiment, "climb", killed)
    assert ran(again)[0] == resumed
    with pytest.raises(KeyboardInterrupt):  # another β is another run, and only that
        ran(replace(again, dpo=replace(again.dpo, beta=0.3)))


def test_what_cannot_be_compared_is_said_in_one_line(tmp_path: Path) -> None:
    wanted = recipe(tmp_path)
    (tmp_path / "compare").mkdir()
    (tmp_path / "compare" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(AlignProblem, match="is no bake-off"):
        ran(wanted)
    with pytest.raises(AlignProblem, match="no task"):
        ran(replace(wanted, task="sortin", out=replace(wanted.out, folder=str(tmp_path / "other"))))
    with pytest.raises(AlignProblem, match="twice"):
        replace(wanted, methods=("dpo", "dpo"))
    with pytest.raises(AlignProblem, match="nothing would be compared"):
        replace(wanted, methods=(), hacking=None)
    broken = replace(wanted, out=replace(wanted.out, folder=str(tmp_path / "third")), methods=("dpo",), hacking=None)
    ran(broken)
    (found,) = (tmp_path / "third").glob("dpo-*/found.json")
    found.write_text("{", encoding="utf-8")
    with pytest.raises(AlignProblem, match="remove its folder"):
        ran(broken)
