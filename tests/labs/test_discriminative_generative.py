"""The experiment from end to end on a small world whose truth is known."""

import sys
from html import escape

import numpy as np
import pytest
import torch

from openbook.labs.discriminative_generative import report
from openbook.labs.discriminative_generative.advice import advice
from openbook.labs.discriminative_generative.classifiers import LOGISTIC, NAIVE_BAYES, score
from openbook.labs.discriminative_generative.experiment import Plan, all_classes, methods_for, run
from openbook.labs.discriminative_generative.fit import Fitting, fit
from openbook.labs.discriminative_generative.outcome import Outcome
from openbook.labs.discriminative_generative.plots import plots
from openbook.labs.discriminative_generative.sample import Part, draw, split
from openbook.labs.discriminative_generative.tables import tables
from openbook.labs.labelled import Labelled, labelled
from openbook.report.terminal import text

SUBJECTS = {"sea": "ship wave sail harbour anchor tide", "wood": "oak fern moss owl trail bark"}
COMMON = "the a old small near by very quiet then there".split()


def world(n: int = 160) -> Labelled:
    """Sentences of common words with one or two that tell the class."""
    rng = np.random.default_rng(0)
    found = []
    for i in range(n):
        label = "sea" if i % 2 else "wood"
        telling = rng.choice(SUBJECTS[label].split(), size=2, replace=False)
        words = [*rng.choice(COMMON, size=4), *telling]
        found.append((" ".join(rng.permutation(words)) + f" n{i}", label))
    return labelled("world", iter(found))


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return run(
        world(), Plan(sizes=(20, 0), seeds=2, quick=True), outside=("digits", ["1 2 3 4"] * 9), on_step=lambda *_: None
    )


def test_all_four_learn_it(outcome: Outcome) -> None:
    assert outcome.sizes == (20, 120)
    for method in ("naive Bayes", "logistic regression", "classifier head"):
        assert outcome.measured[method][120].right.mean() > 0.85, method
    assert outcome.measured["class-conditional LM"][120].right.mean() > 0.6
    assert all(m.right.shape == (2, 40) for sizes in outcome.measured.values() for m in sizes.values())
    assert all(
        ((m.confidence >= 0.49) & (m.confidence <= 1)).all() for s in outcome.measured.values() for m in s.values()
    )


def test_the_language_model_tells_and_writes(outcome: Outcome) -> None:
    assert np.mean(outcome.beyond.unfamiliar["log P(x) a token"]["digits"]) > 0.9
    words = {word for texts in outcome.beyond.written.values() for line in texts for word in line.split()}
    assert words & {*COMMON, *" ".join(SUBJECTS.values()).split()}
    assert set(outcome.beyond.written) == {"sea", "wood"}
    assert all(0 <= share <= 1 for share in outcome.beyond.recognised)


def test_what_is_shown_fits_and_agrees(outcome: Outcome) -> None:
    shown = tables(outcome)
    assert set(shown) == {"accuracy", "difference", "confidence", "unfamiliar", "prior", "cost"}
    assert max(len(line) for table in shown.values() for line in text(table).splitlines()) <= 80
    assert f"{outcome.measured['naive Bayes'][20].right.mean():.2f} (" in shown["accuracy"].rows[0][1]
    said = " ".join(advice(outcome))
    assert "Which" not in said
    assert all(
        name in said for name in ("logistic regression", "naive Bayes", "log P(x) a token", "logistic regression names")
    )
    assert [plot.text.startswith("<svg") for plot in plots(outcome).values()] == [True] * 3
    assert report.html(outcome).count("<figure>") == 3
    told = report.as_json(outcome)
    assert told["methods"]["classifier head"]["sizes"]["20"]["settings"][0].keys() == {"learning rate", "steps"}
    assert len(told["pairs"]) == 2


@pytest.mark.slow
def test_the_same_plan_gives_the_same_outcome() -> None:
    plan = Plan(sizes=(20,), seeds=1, quick=True)
    first, again = (run(world(60), plan, outside=("digits", ["1 2 3 4"]), on_step=lambda *_: None) for _ in range(2))
    for method, sizes in first.measured.items():
        for size, measured in sizes.items():
            np.testing.assert_array_equal(measured.right, again.measured[method][size].right)
            np.testing.assert_allclose(measured.confidence, again.measured[method][size].confidence)
    assert again.beyond.written == first.beyond.written


def test_without_torch_the_counting_pair_runs_and_the_rest_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    methods, left_out = methods_for(Plan())
    assert [m.name for m in methods] == ["naive Bayes", "logistic regression"]
    assert "openbook[train]" in left_out
    counted = run(world(), Plan(sizes=(20, 0), seeds=2), on_step=lambda *_: None)
    assert len(counted.pairs) == 1
    assert not counted.beyond.written
    assert escape(counted.left_out, quote=True) in report.html(counted)
    assert "class-conditional" not in " ".join(advice(counted))


def test_settings_are_chosen_on_the_checked_part_alone() -> None:
    pool, test = split(world())
    drawn = draw(pool, 60, 0)
    for method in (NAIVE_BAYES, LOGISTIC):
        chosen = method.fit(drawn, 0)
        assert len(chosen.settings) == 1
        first = chosen.log_posterior(test.texts)
        np.testing.assert_allclose(np.exp(first).sum(axis=1), 1)
        shuffled = draw(Part([t + " ship oak" for t in pool.texts], pool.labels), 60, 0)
        assert method.fit(shuffled, 0).log_posterior(test.texts).shape == first.shape


def test_scores_and_classes_that_a_sample_lacks() -> None:
    log_p = np.log(np.array([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5]]))
    right, loss = score(log_p, Part(["a", "b", "c"], np.array([0, 0, 1])))
    assert right == pytest.approx(1 / 3)
    assert loss == pytest.approx(np.log([0.9, 0.4, 0.5]).mean())
    pool = Part([f"text {i}" for i in range(40)], np.array([1, 4] * 20))
    wide = all_classes(log_p, draw(pool, 40, 0), 5)
    assert np.isneginf(wide[:, [0, 2, 3]]).all()
    np.testing.assert_array_equal(wide[:, [1, 4]], log_p)


def test_a_sample_of_one_class_is_still_answered() -> None:
    pool = Part([f"word{i} again" for i in range(30)], np.array([0] * 30))
    drawn = draw(pool, 20, 0)
    for method in methods_for(Plan(quick=True))[0]:
        assert method.fit(drawn, 0).log_posterior(["word1 again", "", "other"]).tolist() == [[0.0]] * 3, method.name


def test_texts_of_every_shape_are_read(outcome: Outcome) -> None:
    drawn = draw(split(world())[0], 40, 0)
    strange = ["", " ", "ship " * 500, "\U0001f6a2 \u0000 é", "漢字かな"]
    for method in methods_for(Plan(quick=True))[0]:
        found = method.fit(drawn, 0).log_posterior(strange)
        assert found.shape == (5, 2)
        assert np.isfinite(found).all(), method.name


def test_the_loop_keeps_the_best_check_and_survives_a_loss_that_is_not_finite() -> None:
    start = torch.get_num_threads()
    before = torch.default_generator.get_state()

    def loss(model: torch.nn.Linear, batch: list[int]) -> torch.Tensor:
        assert torch.get_num_threads() == 1
        return (model(torch.ones(len(batch), 1)) - 5).square().mean()

    judged: list[float] = []

    def judge(model: torch.nn.Linear) -> tuple[float, float]:
        judged.append(-abs(float(model(torch.ones(1, 1)).detach()) - 1))  # best on the way, worse at the goal
        return 0.5, judged[-1]

    fitting = Fitting(learning_rates=(0.1,), least_steps=60, checks=30)
    found = fit(lambda: torch.nn.Linear(1, 1), loss, judge, [1] * 40, fitting, seed=0)
    assert found.score == (0.5, max(judged))
    assert judge(found.model) == found.score
    assert len(judged) < 30  # patience ended it
    assert torch.get_num_threads() == start
    assert torch.equal(torch.default_generator.get_state(), before)
    broken = fit(lambda: torch.nn.Linear(1, 1), lambda m, b: loss(m, b) * torch.nan, judge, [1] * 40, fitting, seed=0)
    assert torch.isfinite(broken.model.weight).all()


def test_of_two_rates_the_better_goes_on() -> None:
    steps: list[float] = []

    def judge(model: torch.nn.Linear) -> tuple[float, float]:
        steps.append(-abs(float(model(torch.ones(1, 1)).detach()) - 5))
        return 0.5, steps[-1]

    found = fit(
        lambda: torch.nn.Linear(1, 1),
        lambda model, batch: (model(torch.ones(len(batch), 1)) - 5).square().mean(),
        judge,
        [1] * 40,
        Fitting(learning_rates=(1e-4, 0.1), least_steps=60, checks=6),
        seed=0,
    )
    assert found.settings["learning rate"] == 0.1
    assert found.settings["steps"] > 20
    assert len(steps) == 2 + 2 + 4
