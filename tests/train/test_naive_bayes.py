"""Naive Bayes equals its equation and scikit-learn's, for any counts and smoothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.naive_bayes import MultinomialNB

from openbook.train.bag_of_words import BadTrainingData, WordCounts, count_words, vocabulary_of, words_of
from openbook.train.naive_bayes import fit_naive_bayes, log_normalised, posterior_by_the_equation

WORDS = ("sun", "rain", "wind", "snow")
texts_strategy = st.lists(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), min_size=2, max_size=20)


def dense(counts: WordCounts) -> np.ndarray:
    matrix = np.zeros(counts.shape)
    matrix[counts.texts, counts.words] = counts.counts
    return matrix


@settings(max_examples=50, deadline=None)
@given(texts_strategy, st.data(), st.floats(0.01, 10))
def test_it_equals_scikit_learn(texts: list[str], data: st.DataObject, smoothing: float) -> None:
    labels = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(texts), max_size=len(texts))))
    labels[:2] = 0, 1
    labels = np.unique(labels, return_inverse=True)[1]
    classes = int(labels.max()) + 1
    counts = count_words(texts, {word: number for number, word in enumerate(WORDS)})
    ours = fit_naive_bayes(counts, labels, classes, smoothing)
    theirs = MultinomialNB(alpha=smoothing).fit(dense(counts), labels)
    np.testing.assert_allclose(ours.log_prior, theirs.class_log_prior_, atol=1e-12)
    np.testing.assert_allclose(ours.log_likelihood.T, theirs.feature_log_prob_, atol=1e-12)
    np.testing.assert_allclose(ours.log_posterior(counts), theirs.predict_log_proba(dense(counts)), atol=1e-9)


def test_it_equals_the_equation() -> None:
    texts = ["sun sun wind", "sun", "rain snow", "rain rain wind"]
    vocabulary = vocabulary_of(texts)
    model = fit_naive_bayes(count_words(texts, vocabulary), np.array([0, 0, 1, 1]), 2, 0.5)
    likelihood = {
        str(y): {word: float(np.exp(model.log_likelihood[i, y])) for word, i in vocabulary.items()} for y in (0, 1)
    }
    stated = posterior_by_the_equation(["wind", "sun"], {"0": 0.5, "1": 0.5}, likelihood)
    found = np.exp(model.log_posterior(count_words(["wind sun"], vocabulary)))[0]
    assert found == pytest.approx([stated["0"], stated["1"]])
    # sun 3, wind 1 of 4 words in class 0; wind 1 of 5 words in class 1; 4 words, smoothing a half
    zero, one = (3.5 / 6) * (1.5 / 6), (0.5 / 7) * (1.5 / 7)
    assert stated["0"] == pytest.approx(zero / (zero + one))


def test_a_class_never_seen_is_never_chosen() -> None:
    texts = ["sun", "rain"]
    counts = count_words(texts, vocabulary_of(texts))
    model = fit_naive_bayes(counts, np.array([0, 2]), 3)
    assert np.isneginf(model.log_posterior(counts)[:, 1]).all()


@given(st.lists(st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=3), min_size=1, max_size=5))
def test_probabilities_add_up_to_one_however_small_the_likelihood(rows: list) -> None:
    assert np.exp(log_normalised(np.array(rows))).sum(axis=1) == pytest.approx(1)


@given(st.text(), st.text())
def test_words_are_counted_whatever_the_text(text: str, other: str) -> None:
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys(words_of(text)))}
    counts = count_words([text, other, ""], vocabulary)
    assert counts.shape == (3, len(vocabulary))
    assert counts.counts[counts.texts == 0].sum() == len(words_of(text))
    weights = np.arange(2.0 * len(vocabulary)).reshape(-1, 2)
    np.testing.assert_allclose(counts.times(weights), dense(counts) @ weights)
    np.testing.assert_allclose(counts.transposed_times(np.ones((3, 2))), dense(counts).T @ np.ones((3, 2)))


def test_what_cannot_be_fitted_is_said() -> None:
    texts = ["sun", "rain"]
    counts = count_words(texts, vocabulary_of(texts))
    with pytest.raises(BadTrainingData, match="one label a text"):
        fit_naive_bayes(counts, np.array([0]), 2)
    with pytest.raises(BadTrainingData, match="number 2 classes from 0"):
        fit_naive_bayes(counts, np.array([0, 2]), 2)
    with pytest.raises(BadTrainingData, match="smoothing"):
        fit_naive_bayes(counts, np.array([0, 1]), 2, 0.0)
    with pytest.raises(BadTrainingData, match="no word"):
        vocabulary_of(["", " "])
