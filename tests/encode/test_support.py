"""Statements are told backed from not; long ones are read in parts, and the least backed part decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.encode.support import SupportChecker, open_support, parts
from openbook.errors import OpenbookError
from openbook.values import PairScore, ScoredSpan, Span

LEASE = (
    "The rent is 950 euros a month, due on the third working day.\n\n"
    "Either party may end the lease with a notice period of three months."
)


@dataclass(frozen=True)
class Holds:
    """A scorer that goes by whether the passage holds the statement."""

    digest: str = "holds"

    def __call__(
        self, question: str, passages: Sequence[str], headings: Sequence[Sequence[str]] | None = None
    ) -> Sequence[PairScore]:
        return [self._score(question.strip(), text) for text in passages]

    def _score(self, statement: str, text: str) -> PairScore:
        place = text.find(statement)
        spans = (ScoredSpan(Span(place, place + len(statement)), -0.1),) if place >= 0 else ()
        return PairScore(0.0, -5.0 if place >= 0 else 5.0, spans)


@pytest.fixture(scope="module")
def shipped() -> SupportChecker:
    return open_support(threads=2)


@pytest.mark.parametrize(
    ("statement", "backed"),
    [
        ("The rent is 950 euros a month.", True),
        ("Rent costs 950 euros monthly.", True),
        ("The rent is 9,500 euros a month.", False),
        ("The rent is not 950 euros a month.", False),
        ("The landlord is Ming.", False),
        ("", False),
    ],
)
def test_what_the_shipped_model_says(shipped: SupportChecker, statement: str, backed: bool) -> None:
    (found,) = shipped(statement, [LEASE])
    assert found.backed is backed
    if backed:
        assert found.evidence is not None
        assert "950 euros" in found.evidence.of(LEASE)


def test_an_end_that_is_beyond_the_window_is_read_too(shipped: SupportChecker) -> None:
    true = "The rent is 950 euros a month, and it is due on the third working day of that month. " * 4
    (found,) = shipped(f"{true} The tenant must also paint the house every spring.", [LEASE])
    assert not found.backed


def test_the_least_backed_part_decides() -> None:
    checker = SupportChecker(Holds(), 0.0, lambda text: len(text) <= 12)
    text = "one two three four five"
    assert checker(text, [text])[0].backed
    assert [each.backed for each in checker("one two three four six", [text, "nothing"])] == [False, False]
    assert checker(text, []) == []


@given(st.text(max_size=300), st.integers(1, 40))
def test_parts_hold_every_character_and_fit(statement: str, most: int) -> None:
    found = parts(statement, lambda text: len(text) <= most)
    assert "".join(found) == statement
    assert all(len(part) <= most for part in found)


def test_a_missing_model_or_threshold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OpenbookError):
        open_support(tmp_path / "none")
