"""Samples leak nothing, changed priors obey Bayes' rule, and shuffled words are the same words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.labs.discriminative_generative.prior import accuracy_under, before_and_after, favouring, with_prior
from openbook.labs.discriminative_generative.sample import Part, draw, parse_sizes, sizes_for, split
from openbook.labs.discriminative_generative.unfamiliar import shuffled_words, told_apart
from openbook.labs.labelled import BadData, labelled


def data(n: int = 200, classes: int = 3):
    return labelled("numbers", iter([(f"text {i}", f"c{i % classes}") for i in range(n)]))


def test_no_text_is_trained_chosen_and_tested_on_at_once() -> None:
    pool, test = split(data())
    assert not set(pool.texts) & set(test.texts)
    assert len(pool.texts) + len(test.texts) == 200
    for size in (10, 50, 150):
        drawn = draw(pool, size, seed=1)
        fitted, checked = set(drawn.fitted.texts), set(drawn.checked.texts)
        assert not fitted & checked
        assert fitted | checked <= set(pool.texts)
        assert len(fitted) + len(checked) <= size
    assert set(draw(pool, 50, 1).fitted.texts) != set(draw(pool, 50, 2).fitted.texts)


def test_labels_stay_with_their_texts_though_classes_are_numbered_anew() -> None:
    pool = Part([f"text {i}" for i in range(40)], np.array([3, 7] * 20))
    drawn = draw(pool, 40, 0)
    for part in (drawn.fitted, drawn.checked):
        for text, label in zip(part.texts, part.labels, strict=True):
            assert drawn.classes[label] == pool.labels[int(text.split()[1])]
    assert drawn.prior.sum() == pytest.approx(1)


def test_sizes() -> None:
    assert sizes_for(4380) == (30, 100, 300, 1000, 4380)
    assert sizes_for(7503) == (30, 100, 300, 1000, 3000, 7503)
    assert sizes_for(500, parse_sizes("100, 20,ALL")) == (20, 100, 500)
    for typed in ("", "ten", "30;100", "-5", "1e9", "123456789012", ",".join(["30"] * 20), "0"):
        with pytest.raises(BadData):
            parse_sizes(typed)
    for wanted in ((5,), (501,)):
        with pytest.raises(BadData, match="between 10 and the 500"):
            sizes_for(500, wanted)


def test_a_new_prior_is_bayes_rule() -> None:
    likelihood = np.array([[0.3, 0.1, 0.2], [0.05, 0.4, 0.1]])
    old, new = np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.1, 0.8])
    posterior = likelihood * old / (likelihood * old).sum(axis=1, keepdims=True)
    mended = np.exp(with_prior(np.log(posterior), np.log(old), np.log(new)))
    stated = likelihood * new / (likelihood * new).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(mended / mended.sum(axis=1, keepdims=True), stated)


def test_a_class_never_learnt_stays_impossible() -> None:
    with np.errstate(divide="ignore"):
        log_old = np.log(np.array([0.5, 0.5, 0.0]))
    mended = with_prior(np.array([[-0.7, -0.7, -np.inf]]), log_old, np.log(np.array([0.1, 0.1, 0.8])))
    assert mended[0, 2] == -np.inf
    assert np.isfinite(mended[0, :2]).all()


def test_favouring_keeps_the_proportions_of_the_others() -> None:
    new = favouring(np.array([0.5, 0.3, 0.2]), 2)
    assert new.tolist() == pytest.approx([0.125, 0.075, 0.8])
    labels = np.array([0, 0, 1, 1])
    assert accuracy_under(np.array([0.8, 0.2]), np.array([0, 0, 1, 0]), labels) == pytest.approx(0.8 + 0.1)


def test_the_right_prior_helps_an_unsure_classifier() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 500)
    noise = rng.normal(size=1000) + np.where(labels, 0.5, -0.5)
    log_posterior = -np.logaddexp(0, np.stack([noise, -noise], axis=1))
    found = before_and_after(log_posterior, np.log([0.5, 0.5]), labels)
    assert found is not None
    assert found[1] > found[0] + 0.05
    assert before_and_after(log_posterior[:10], np.log([0.5, 0.5]), labels[:10]) is None


@given(st.lists(st.text(max_size=30), max_size=5), st.integers(0, 5))
def test_shuffled_words_are_the_same_words_in_another_order(texts: list[str], seed: int) -> None:
    kept = [text for text in texts if len(set(text.split())) > 1]
    shuffled = shuffled_words(texts, seed)
    assert len(shuffled) == len(kept)
    for before, after in zip(kept, shuffled, strict=True):
        assert sorted(before.split()) == sorted(after.split())
        assert before.split() != after.split()


def test_told_apart() -> None:
    assert told_apart(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1.0
    assert told_apart(np.array([1.0]), np.array([1.0])) == 0.5
