"""What compression changes, on logits whose answer is known by hand."""

from math import log

import numpy as np
import pytest

from openbook.evaluate.fidelity import fidelity, kullback_leibler, log_softmax
from openbook.evaluate.scores import BadScores


def constant(*probabilities: float):
    """A model that says the same at every place."""
    return lambda ids: np.log(np.tile(probabilities, (len(ids), 1)))


def test_by_hand() -> None:
    windows = [np.array([0, 0, 1]), np.array([1, 0])]
    found = fidelity(constant(0.5, 0.5), constant(0.8, 0.2), windows)
    assert found.tokens == 3
    assert found.original == pytest.approx(2)
    assert found.perplexity == pytest.approx((1 / (0.8 * 0.2 * 0.8)) ** (1 / 3))
    assert found.divergence == pytest.approx(0.5 * log(0.5 / 0.8) + 0.5 * log(0.5 / 0.2))
    assert found.change is not None
    assert found.change.value == pytest.approx(found.perplexity / found.original - 1)


def test_the_same_model_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    table = rng.standard_normal((9, 9))
    found = fidelity(lambda ids: table[ids], lambda ids: table[ids], [rng.integers(0, 9, 30) for _ in range(4)])
    assert found.change is not None
    assert (found.change.value, found.change.low, found.change.high) == (0, 0, 0)
    assert (found.divergence, found.same_first.value) == (0, 1)


def test_one_window_has_no_interval() -> None:
    found = fidelity(constant(0.5, 0.5), constant(0.6, 0.4), [np.array([0, 1, 1])])
    assert found.change is None
    assert found.divergence_interval is None


@pytest.mark.parametrize("windows", [[], [np.array([3])]])
def test_too_little_text_is_refused(windows) -> None:
    with pytest.raises(BadScores, match="two tokens or more"):
        fidelity(constant(0.5, 0.5), constant(0.5, 0.5), windows)


def test_divergence_is_never_below_nothing() -> None:
    rng = np.random.default_rng(1)
    p = log_softmax(rng.standard_normal((200, 50)).astype(np.float32) * 30)
    assert (kullback_leibler(p, p + 0.0) == 0).all()
    assert (kullback_leibler(p, log_softmax(rng.standard_normal((200, 50)))) > 0).all()
