"""Probes: the fact stands where it is said to, once, in a context of the length asked for, the rest unchanged."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.position.documents import Asked, distractors, document_probes, from_other_pages
from openbook.evaluate.position.key_values import key_value_probes, random_pairs
from openbook.evaluate.position.needle import needle_probes, needles
from openbook.evaluate.position.probe import depths, holds
from openbook.evaluate.scores import BadScores

FILLER = [" ".join(f"Sentence number {n} of a dull report." for n in range(40)), "Another text. It has two sentences."]


def words(text: str) -> int:
    return len(text.split())


@given(st.integers(30, 400), st.integers(1, 7))
def test_a_needle_stands_at_its_depth_in_a_haystack_of_its_length(length: int, count: int) -> None:
    made = list(needle_probes(FILLER, needles(3), [length], depths(count), words))
    assert len(made) == 3 * count
    for probe in made:
        (part,) = probe.parts
        assert not part.label.trusted
        assert part.text.count(f"is {probe.references[0]}.") == 1
        assert length - 10 < words(part.text) <= length
        before = words(part.text[: part.text.index(probe.references[0])])
        assert abs(before / words(part.text) - probe.depth) < 14 / length + 0.01


def test_all_depths_of_a_needle_share_their_filler() -> None:
    made = list(needle_probes(FILLER, needles(2), [100], depths(5), words))
    without = {
        (p.item, p.parts[0].text.replace(n.sentence, "").replace("  ", " ").strip())
        for p in made for n in [needles(2)[int(p.item.split()[1])]]
    }  # fmt: skip
    assert len(without) == 2


def test_needles_are_different_and_the_same_for_a_seed() -> None:
    made = needles(144, 3)
    assert len({n.answer for n in made}) == len({n.question for n in made}) == 144
    assert needles(5, 3) == made[:5]
    assert needles(5, 4) != made[:5]
    with pytest.raises(BadScores, match="1 to 144"):
        needles(145)


def test_filler_without_a_sentence_is_refused() -> None:
    for filler in ([], ["", "  \n"]):
        with pytest.raises(BadScores, match="no sentence"):
            list(needle_probes(filler, needles(1), [10], [0.0], words))
    with pytest.raises(BadScores, match="at most"):
        list(needle_probes(FILLER, needles(1), [10**9], [0.0], words))


@given(st.integers(1, 60), st.integers(1, 9), st.integers(0, 3))
def test_a_pair_moves_through_pairs_that_stay(length: int, count: int, seed: int) -> None:
    made = list(key_value_probes(2, [length], depths(count), seed))
    for item in ("pairs 0", "pairs 1"):
        own = [probe for probe in made if probe.item == item]
        read = [list(json.loads(probe.parts[0].text).items()) for probe in own]
        assert len({frozenset(pairs) for pairs in read}) == 1
        for probe, pairs in zip(own, read, strict=True):
            place = [value for _, value in pairs].index(probe.references[0])
            assert place == round(probe.depth * (length - 1))
            assert f'"{pairs[place][0]}"' in probe.question
    assert list(key_value_probes(2, [length], depths(count), seed)) == made


def test_pairs_never_repeat() -> None:
    pairs = random_pairs(2000, 1)
    assert len({uuid for pair in pairs for uuid in pair}) == 4000
    assert all(uuid[14] == "4" for pair in pairs for uuid in pair)
    with pytest.raises(BadScores):
        random_pairs(0, 1)


ASKED = [Asked(f"q{n}", f"Who owns house {n}?", (f"owner{n}",), f"House {n} is owned by owner{n}.", f"page {n // 2}")
         for n in range(12)]  # fmt: skip


def test_the_gold_document_stands_at_each_place_among_others() -> None:
    made = list(document_probes(ASKED[:3], [1, 5, 10], depths(3), from_other_pages(ASKED)))
    assert len(made) == 3 * 3 * 3
    for probe in made:
        texts = [part.text for part in probe.parts]
        assert len(texts) == len(set(texts)) == probe.length
        holding = [n for n, text in enumerate(texts) if holds(text, probe.references)]
        assert holding == [round(probe.depth * (probe.length - 1))]
        assert all(not part.label.trusted for part in probe.parts)


def test_the_order_of_distractors_does_not_depend_on_the_place() -> None:
    made = list(document_probes(ASKED[:1], [6], depths(6), from_other_pages(ASKED)))
    others = {tuple(part.text for part in p.parts if not holds(part.text, p.references)) for p in made}
    assert len(others) == 1


def test_what_holds_an_answer_is_no_distractor_and_nor_is_the_own_page() -> None:
    one = Asked("q", "Who?", ("the Owner",), "gold", "p")
    mined = ["gold", "An owner, they say.", "the owner again", "other", "other", "third"]
    assert distractors(one, 5, lambda question, k: mined) == ["other", "third"]
    assert distractors(one, 1, lambda question, k: mined) == ["other"]
    mine = from_other_pages(ASKED)
    assert ASKED[1].gold not in mine(ASKED[0].question, 100)
    assert len(mine(ASKED[0].question, 100)) == 10


def test_too_few_distractors_leave_a_length_out() -> None:
    lengths = {probe.length for probe in document_probes(ASKED, [2, 40], depths(3), from_other_pages(ASKED))}
    assert lengths == {2}


@pytest.mark.parametrize(
    ("answer", "references", "right"),
    [
        ("It is 4711.", ["4711"], True),
        ("14711", ["4711"], False),
        ("the Eiffel  tower, in Paris", ["Eiffel Tower"], True),
        ("", ["x"], False),
        ("anything", ["", "the"], False),
        ("no", [], False),
    ],
)
def test_an_answer_holds_a_reference_in_whole_words(answer: str, references: list[str], right: bool) -> None:
    assert holds(answer, references) is right
