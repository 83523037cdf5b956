"""What a compressed encoder keeps: nothing lost on itself, and neighbours counted as sets."""

import numpy as np
import pytest

from openbook.evaluate.encoder_fidelity import encoder_fidelity
from openbook.evaluate.scores import BadScores


def unit(rows: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, 16)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_itself_is_kept_whole() -> None:
    found = encoder_fidelity(unit(30), unit(30))
    assert found.cosine is not None
    assert found.neighbours is not None
    assert (found.cosine.value, found.neighbours.value, found.same_nearest.value) == (pytest.approx(1), 1, 1)
    assert found.nearest == 10


def test_by_hand() -> None:
    angles = np.radians([0, 10, 90, 101])
    moved = np.radians([0, 10, 90, 49])  # the last now lies nearest to the second
    before, after = (np.stack([np.cos(a), np.sin(a)], axis=1).astype(np.float32) for a in (angles, moved))
    found = encoder_fidelity(before, after)
    assert found.nearest == 3
    assert found.neighbours is not None
    assert found.neighbours.value == 1  # of three others all three are near
    assert found.same_nearest.value == 0.75  # the fourth's nearest changed
    assert found.lowest_text == 3
    assert found.lowest == pytest.approx(np.cos(np.radians(52)), abs=1e-6)


def test_noise_costs_neighbours() -> None:
    vectors = unit(60)
    noisy = vectors + 0.3 * unit(60, seed=1)
    found = encoder_fidelity(vectors, noisy / np.linalg.norm(noisy, axis=1, keepdims=True))
    assert found.neighbours is not None
    assert 0.3 < found.neighbours.low < found.neighbours.high < 1


def test_two_texts_have_no_neighbours() -> None:
    with pytest.raises(BadScores, match="give three texts or more"):
        encoder_fidelity(unit(2), unit(2))
