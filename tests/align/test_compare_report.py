"""Tables, sentences and the page of a bake-off say what was measured, and no more than a test shows."""

from dataclasses import replace

import numpy as np
import pytest

from openbook.align.compare.findings import findings
from openbook.align.compare.measure import Measured
from openbook.align.compare.outcome import Annotation, BestOf, Climb, Judged, Outcome, Point, fall
from openbook.align.compare.proxies import Scale
from openbook.align.compare.report import TITLE, as_json, sections
from openbook.align.compare.scaling import fitted
from openbook.align.compare.tables import tables
from openbook.report import terminal
from openbook.report.page import page


def about(true: float, proxy: float, kl: float, problems: int = 40) -> Measured:
    rng = np.random.default_rng([int(100 * abs(true)), int(100 * abs(proxy)), int(10 * kl)])

    def near(value: float, spread: float = 0.1) -> tuple[float, ...]:
        return tuple((value + spread * rng.standard_normal(problems)).tolist())

    wins = tuple(float(np.clip(0.5 + true / 4, 0, 1)) for _ in range(problems))
    one = tuple([1.0] * problems)
    rewards = {"true": near(true), "proxy": near(proxy), "ensemble": near(proxy)}
    return Measured(rewards, wins, tuple(max(0.0, v) for v in near(kl, 0.01)), near(1.0), near(20 + kl), one, one, one)


def climbed(name: str, path: list[tuple[float, float, float]]) -> Climb:
    points = [Point(10 * n, 80 * n, 1.5 * n, about(*at)) for n, at in enumerate(path)]
    return Climb(name, "proxy", tuple(points), 300_000_000)


SCALES = {name: Scale(0.0, 1.0, 0.05) for name in ("true", "proxy", "ensemble")}
UP = [(0.0, 0.0, 0.0), (0.5, 1.0, 2.0), (0.8, 1.5, 5.0)]
HACKED = [(0.0, 0.0, 0.0), (0.7, 1.0, 3.0), (-0.6, 2.5, 20.0)]


def outcome() -> Outcome:
    best = tuple(BestOf(n, 0.1 * n, about(0.1 * n, 0.2 * n, 0.1 * n).kl, about(0.1 * n, 0.2 * n, 0).rewards,
                        about(0.1 * n, 0, 0).wins, about(0, 0, 0).length) for n in (1, 2, 4))  # fmt: skip
    hacked = (climbed("no KL penalty", HACKED), climbed("KL penalty", UP))
    judged = Judged("reward model 1", 900, 100, 70, 90, 60)
    climbs = (climbed("dpo", UP), climbed("grpo", HACKED[:1] + UP[1:]), climbed("rejection", UP[:2]))
    return Outcome(
        "facts",
        0,
        40,
        8,
        800,
        SCALES,
        Annotation(90, 70, 95, 60, 85, 50),
        (judged,),
        about(0, 0, 0),
        best,
        climbs,
        hacked,
    )


def test_a_proxy_is_said_to_be_hacked_only_where_one_reward_fell_and_the_other_rose() -> None:
    found = fall(climbed("x", HACKED))
    assert found is not None
    assert found.hacked
    assert found.true.difference == pytest.approx(-1.3, abs=0.1)
    assert fall(climbed("x", UP)) is None
    fell = fall(climbed("x", [HACKED[0], HACKED[1], (-0.6, 0.4, 20.0)]))  # both fell: no hacking, but a bad policy
    assert fell is not None
    assert not fell.hacked


def test_findings_are_read_off_the_figures() -> None:
    told = " ".join(findings(outcome()))
    assert "no KL penalty: the proxy is hacked; from 3.0 to 20.0 nats the true reward moved by −1.2" in told
    assert "KL penalty helps by 1.3" in told
    assert "a test tells it from " in told
    assert "these are shown to win: dpo, grpo, rejection; to lose: none. For the others no test shows a diff" in told
    calm = replace(outcome(), hacked=(climbed("no KL penalty", UP),))
    assert "so the proxy was not climbed too far" in " ".join(findings(calm))


def test_tables_fit_a_terminal_and_the_page_holds_every_plot() -> None:
    for table in tables(outcome()).values():
        assert max(map(len, terminal.text(table).splitlines())) <= 80
        assert table.rows
    html = page(TITLE, sections(outcome(), ["Conclude nothing."]))
    assert html.index("Conclude nothing.") < html.index("these are shown to win")
    assert as_json(outcome(), ["Conclude nothing."])["notes"] == ["Conclude nothing."]
    assert html.count("<svg") == 7
    assert as_json(outcome())["methods"][0]["points"][2]["true reward"]["n"] == 40


def test_a_method_without_a_law_is_named_with_the_reason() -> None:
    note = tables(outcome())["law"].note
    assert "fewer than three points away from the start, or all of one reward: rejection." in note
    assert "Not fitted" not in tables(replace(outcome(), climbs=(), hacked=()))["law"].note


def test_learning_from_pairs_too_long_is_not_said_to_climb_the_proxy() -> None:
    told = " ".join(findings(replace(outcome(), climbs=(climbed("dpo", HACKED), climbed("ppo", HACKED)))))
    assert "lose true reward within the budget while the proxy still rises: dpo, ppo. (dpo: from pairs alone" in told


def test_what_was_left_out_of_a_bake_off_is_left_out_of_its_page() -> None:
    bare = replace(outcome(), climbs=(), best_of=(), hacked=(climbed("no KL penalty", HACKED),))
    assert page(TITLE, sections(bare)).count("<svg") == 1
    assert "replies" in tables(bare)
    findings(bare)


def test_the_law_is_found_again_from_its_own_points() -> None:
    d = np.linspace(0, 6, 9)
    for logarithmic in (False, True):
        gain = d * (1.5 - 0.2 * (np.log(np.maximum(d, 1e-9)) if logarithmic else d))
        law = fitted(d.tolist(), gain.tolist(), logarithmic=logarithmic)
        assert law is not None
        assert (law.alpha, law.beta, law.explained) == pytest.approx((1.5, 0.2, 1.0))
    assert fitted([0.0, 1.0, 2.0], [0.0, 1.0, 1.0], logarithmic=True) is None
