"""Judges beside people and beside each other: ceilings, paired tests, both orders, and what is left unsaid."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.evaluate.agreement import spearman
from openbook.evaluate.audit.ceiling import ceiling
from openbook.evaluate.audit.change import Change, by_holm, change_of, pearson_change, spearmans
from openbook.evaluate.audit.judges_compared import judges_compared
from openbook.evaluate.audit.pairs import averaged, preference
from openbook.evaluate.audit.swap_average import swap_averages, verdict_judges
from openbook.evaluate.audit.whole import Judgements, audit
from openbook.evaluate.audit.worst import disagreements, flips
from openbook.evaluate.judge_agreement import Scored
from openbook.evaluate.position_bias import Compared
from openbook.evaluate.resampling import draws, owners, pearson_drawn


def judged(noise: dict[str, float], documents: int = 40, each: int = 6, seed: int = 0) -> list[Scored]:
    rng = np.random.default_rng(seed)
    rows: list[Scored] = []
    for document in range(documents):
        for system in range(each):
            truth = rng.normal()
            persons = tuple((truth + rng.normal(0, 0.5, size=3)).tolist())
            for judge, spread in noise.items():
                score = truth + rng.normal(0, spread)
                where = f"d{document}", f"s{system}"
                rows.append(Scored(judge, "d", *where, score, float(np.mean(persons)), None, persons))
    return rows


@settings(max_examples=25)
@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=3, max_size=20), st.integers(0, 9))
def test_the_draws_are_those_of_a_loop(rows: list, seed: int) -> None:
    """Drawn documents written out one by one, ranked and correlated, beside the counted ones."""
    left, right, documents = (np.array(column, float) for column in zip(*rows, strict=True))
    owner = owners([str(d) for d in documents])
    fast = draws(spearmans([left], right), owner, resamples=20, seed=seed)[:, 0]
    products = draws(lambda times: pearson_drawn(left, right, times), owner, resamples=20, seed=seed)
    rng, groups = np.random.default_rng(seed), int(owner.max()) + 1
    for rank_value, product in zip(fast, products, strict=True):
        chosen = np.concatenate([np.flatnonzero(owner == g) for g in rng.integers(groups, size=groups)])
        slow = spearman(left[chosen], right[chosen])
        assert np.isnan(rank_value) if slow is None else rank_value == pytest.approx(slow, abs=1e-9)
        if slow is not None:
            assert product == pytest.approx(np.corrcoef(left[chosen], right[chosen])[0, 1], abs=1e-9)


def test_the_better_of_two_judges_is_named_and_alike_ones_are_not() -> None:
    pairs = judges_compared(judged({"good": 0.3, "bad": 2.0, "poor": 2.0}))
    said = {(one.first, one.second): one for one in pairs}
    assert said["good", "bad"].verdict == "good is better"
    assert said["bad", "poor"].verdict.startswith("cannot be told apart; ")
    assert said["bad", "poor"].more is None or said["bad", "poor"].more > 0
    assert all(one.difference.value == pytest.approx(one.first_value - one.second_value) for one in pairs)


@pytest.mark.slow
def test_alike_judges_are_called_different_about_as_often_as_the_level() -> None:
    found = [judges_compared(judged({"a": 1.0, "b": 1.0}, 25, 4, seed))[0].p_value <= 0.1 for seed in range(60)]
    assert 0 <= sum(found) / 60 <= 0.22


def test_judges_are_compared_on_what_all_scored() -> None:
    rows = judged({"a": 0.3, "b": 1.0}, documents=12)
    (one,) = judges_compared(rows[:-1])
    assert one.n == 12 * 6 - 1
    notes = audit(Judgements(rows[:-1])).notes
    assert any("scored 71 texts, others up to 72" in note for note in notes)
    unnamed = [Scored(r.judge, "d", "", "", r.score, r.human) for r in rows]
    assert judges_compared(unnamed) == []
    assert any("judges are not compared" in note for note in audit(Judgements(unnamed)).notes)


def test_a_judge_as_good_as_one_person_reaches_the_ceiling() -> None:
    found = ceiling(judged({"j": 0.5}))
    assert found is not None
    assert found.persons == 3
    assert found.change.difference is not None
    assert found.change.difference.low <= 0 <= found.change.difference.high
    assert found.alpha is not None
    assert 0.5 < found.alpha < 0.95
    below = ceiling(judged({"j": 2.0}))
    assert below is not None
    assert below.change.p_value is not None
    assert below.change.p_value < 0.01
    assert ceiling([Scored("j", "d", "a", "", 1, 2)]) is None


def test_the_ceiling_is_each_person_beside_the_others() -> None:
    each = [(1.0, 2.0, 3.0), (2.0, 2.0, 1.0), (4.0, 3.0, 5.0), (3.0, None, 2.0)]
    rows = [Scored("j", "d", f"d{n}", "", 1.0, 2.0, None, one) for n, one in enumerate(each)]
    found = ceiling(rows)
    by_hand = [
        spearman(np.array([1.0, 2, 4, 3]), np.array([2.5, 1.5, 4, 2])),
        spearman(np.array([2.0, 2, 3]), np.array([2, 1.5, 4.5])),
        spearman(np.array([3.0, 1, 5, 2]), np.array([1.5, 2, 3.5, 3])),
    ]
    assert found is not None
    assert found.people == pytest.approx(np.mean([value for value in by_hand if value is not None]))
    assert found.change.after is None  # a constant judge


def test_both_orders_as_one_verdict() -> None:
    said = {(c, s): averaged(Compared("j", "d", c, s, None)) for c in (0, 1, 2) for s in (0, 1, 2)}
    assert said == {
        (0, 0): 0, (0, 1): 1, (0, 2): 2, (1, 0): 1, (1, 1): 1, (1, 2): 0, (2, 0): 2, (2, 1): 0, (2, 2): 2
    }  # fmt: skip
    assert [preference(1), preference(2, 2), preference(1, 0)] == [1, 0, 0.75]


def test_averaging_helps_where_people_call_a_tie() -> None:
    ties = [Compared("j", "d", 1, 2, 0, f"d{n}") for n in range(30)]
    (one,) = swap_averages([ties])
    assert (one.one, one.both, one.ties) == (0, 1, 1)
    assert one.p_value is not None
    assert one.p_value < 0.001
    decided = [Compared("j", "d", 1, 2, 1, f"d{n}") for n in range(30)]
    (other,) = swap_averages([decided])
    assert (other.one, other.both) == (0.5, 0)


def test_judges_of_the_same_pairs() -> None:
    rows = [
        Compared(judge, "d", choice, choice, 1, f"d{n}", name=str(n))
        for n in range(40)
        for judge, choice in (("right", 1), ("wrong", 2 if n % 2 else 1))
    ]
    (one,) = verdict_judges(rows)
    assert (one.n, one.verdict) == (40, "right is better")
    assert verdict_judges(rows[::2]) == []
    assert verdict_judges([Compared(r.judge, "d", 1, 1, 1) for r in rows]) == []


def test_a_constant_judge_and_a_single_text_are_said() -> None:
    constant = audit(Judgements([Scored("j", "d", f"d{n}", "", 3.0, float(n % 4)) for n in range(12)]))
    assert constant.agreements[0].spearman is None
    assert any("every text got the score 3" in note for note in constant.notes)
    single = audit(Judgements([Scored("j", "d", "a", "s", 3.0, 2.0, 10.0, (1.0, 3.0))]))
    assert any("one text" in note for note in single.notes)
    assert single.calibrations[0].bias_interval is None
    assert single.ceilings[0].people_interval is None


def test_worst_cases() -> None:
    rows = [Scored("j", "d", f"d{n}", "", float(n), float(n)) for n in range(10)]
    rows[0] = Scored("j", "d", "odd", "", 9.5, 0.0)
    assert disagreements(rows)[0].document == "odd"
    assert disagreements(rows[1:]) == []
    pairs = [Compared("j", "d", 1, 2, human) for human in (0, None, 2)] + [Compared("j", "d", 1, 1, 1)]
    assert [one.human for one in flips(pairs)] == [2, 0, None]


def test_changes_are_adjusted_together() -> None:
    none = Change(None, None, None, None, None)
    rows = [Change(0, 1, None, p, 1) for p in (0.01, 0.04)]
    assert [one.p_value for one in by_holm([rows[0], none, rows[1]])] == [0.02, None, 0.04]
    owner = np.array([0, 1])
    assert change_of(0.1, 0.2, np.array([0.1, 0.1]), owner).p_value is None  # two documents
    same = pearson_change(np.arange(12.0), np.arange(12.0), np.arange(12.0) ** 2, np.arange(12))
    assert same.p_value == 1
