"""Made statements: what is backed says nothing that the passage does not; what is not differs where it should."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.heads.claims import CHANGES, other_name, other_number, supported, turned_round, unsupported

SENTENCE = "The treaty was signed in Vienna in 1815 by eight powers, which had fought for years, after long talks."
PASSAGE = SENTENCE + " Prince Metternich led the talks for Austria. A second treaty of 1822 never held for long."


def draws(change, count: int = 60) -> set[str]:
    rng = np.random.default_rng(0)
    return {made for _ in range(count) if (made := change(SENTENCE, PASSAGE, rng)) is not None}


def test_what_is_backed_is_the_sentence_or_a_part_of_it() -> None:
    rng = np.random.default_rng(0)
    made = {supported(SENTENCE, rng) for _ in range(100)}
    assert SENTENCE in made
    assert len(made) > 3
    for claim in made:
        assert set(claim.rstrip(".").split()) <= set(SENTENCE.replace(".", "").split()) | {
            w.rstrip(",.") for w in SENTENCE.split()
        }


def test_numbers_become_other_numbers() -> None:
    made = draws(other_number)
    assert any("1822" in claim for claim in made)
    assert all("1815" not in claim for claim in made)


def test_names_become_other_names() -> None:
    made = draws(other_name)
    assert made
    assert all("Vienna" not in claim for claim in made)


def test_the_sense_is_turned_round() -> None:
    made = draws(turned_round)
    assert any("was not signed" in claim for claim in made)
    assert any("before long talks" in claim for claim in made)
    assert turned_round("It did not rain.", "", np.random.default_rng(0)) == "It did rain."


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_to_change_is_nothing(change) -> None:
    assert change("So it goes.", "So it goes.", np.random.default_rng(0)) is None


@given(st.text(max_size=200), st.text(max_size=400), st.integers(0, 9))
def test_any_text_is_survived_and_an_unbacked_claim_is_not_in_the_passage(sentence: str, rest: str, seed: int) -> None:
    passage = f"{sentence} {rest}"
    claim = unsupported(sentence, passage, np.random.default_rng(seed))
    assert claim is None or claim not in passage
    assert isinstance(supported(sentence, np.random.default_rng(seed)), str)
