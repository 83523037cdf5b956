"""Preferences from support: which draft is preferred, what saying nothing counts as, what a draft is held against."""

from collections.abc import Sequence

from benchmarks.writer_pairs import UNSAID, Asked, Judged, judged, pairs_of
from openbook.generate.grounded import grounded
from openbook.values import Support

SHOWN = ("The lamp is blue.", "It was bought in Oslo.")
ASKED = Asked(grounded("Where was the lamp bought?", SHOWN), ("Oslo",))


class Checker:
    """Backs what stands in a passage."""

    threshold = 1.5

    def __call__(self, statement: str, passages: Sequence[str]) -> list[Support]:
        return [Support(4.0 if statement in each else -4.0, statement in each, None) for each in passages]


def score(text: str) -> float:
    return judged(Checker(), text, ASKED.shown).score  # pyright: ignore[reportArgumentType]


def test_the_sentences_are_those_of_the_prompt() -> None:
    assert tuple(ASKED.shown) == SHOWN


def test_a_draft_is_held_against_the_sentences_it_names() -> None:
    assert score(" It was bought in Oslo. [2]") == 4.0
    assert score(" The lamp is blue. [2]") == -4.0
    assert score(" It was bought in Oslo.") == 4.0
    assert score(" It was bought in Rome.") == UNSAID
    assert score(" It was bought in Oslo. [9]") == 4.0  # names none that is there
    assert score(" It was bought in Oslo. [2] It is green. [1]") == -4.0  # as backed as the least backed
    assert score(" The passages do not say.") == Checker.threshold
    assert score(" ") == UNSAID


def test_the_best_is_preferred_to_the_worst_where_they_are_apart() -> None:
    drafts = [[Judged(" a", 3.0), Judged(" b", -1.0), Judged(" c", 1.5)], [Judged(" a", 1.0), Judged(" b", 0.0)]]
    (found,) = pairs_of([ASKED, ASKED], drafts, margin=2.0)
    assert (found.prompt, found.chosen, found.rejected) == (ASKED.text, " a", " b")
    assert pairs_of([ASKED], [[Judged("", -50.0), Judged(" a", 3.0)]], margin=2.0) == []
