"""Answers read from texts: exact on what people and models write, and silent where a number may be several."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.generate.reasoning.numbers import numbers_in, written
from openbook.generate.reasoning.reading import LONGEST, READINGS, choice, marked, number, words, yes_or_no


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("#### 72", "72"),
        ("so 48/2 = 24 and 48+24 = 72 clips.\n#### 72\n", "72"),
        ("The answer is 1,000.", "1000"),
        ("the answer is: -3", "-3"),
        ("The answer is \u22123.", "-3"),
        ("It is 1/2", "0.5"),
        ("2 1/2 cups", "2.5"),
        ("a third: 1/3", "1/3"),
        ("2/6 of it", "1/3"),
        ("That makes $5.", "5"),
        ("That makes -$5.50!", "-5.5"),
        ("$-5.50", "-5.5"),
        ("12 km, or 12km", "12"),
        ("75%", "75"),
        ("3-4", "4"),
        ("f(2)-7", "7"),
        ("x = -7", "-7"),
        ("0.50", "0.5"),
        (".5", "0.5"),
        ("1e3 steps", "1000"),
        ("1,234,567.80", "1234567.8"),
        ("007", "7"),
        ("Final answer: 18 eggs, not 20", "18"),
        ("\\boxed{42} as asked", "42"),
        ("**Answer:** 9", "9"),
        ("first the answer is 3, no: the answer is 4", "4"),
        ("I thought of the answer. It is 5", "5"),
        ("The answer is unknown to me", None),
        ("no number", None),
        ("", None),
        ("GPT2 and x_3", None),
        ("1,00", None),
        ("1,2,3", None),
        ("10:30", None),
        ("3/4/2020", None),
        ("1.2.3", None),
        ("5/0", None),
        ("3 9/4", None),
        ("1e999", None),
        ("9" * 41, None),
        ("5 / 2", "2"),
        ("__import__('os').getpid()", None),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, answer: str | None) -> None:
    assert number(text) == answer


@given(st.fractions(max_denominator=10**6), st.sampled_from(["", " apples", ".", "!", ")"]))
def test_every_fraction_is_read_back_as_itself(value: Fraction, after: str) -> None:
    assert list(numbers_in(f"so {written(value)}{after}")) == [value]


@given(st.integers(-(10**12), 10**12))
def test_commas_between_thousands_change_nothing(value: int) -> None:
    assert number(f"#### {value:,}") == number(f"{value}") == str(value)


@given(st.text(max_size=200))
def test_any_text_is_read_or_not_and_never_breaks(text: str) -> None:
    for reading in READINGS.values():
        answer = reading(text)
        assert answer is None or answer


def test_a_long_text_is_read_from_its_end() -> None:
    assert number("7 " + "x " * LONGEST) is None
    assert number("x " * LONGEST + "7") == "7"


def test_a_hostile_text_takes_no_time() -> None:
    for text in ("1," * LONGEST, "the answer " * LONGEST, "1 1/" * LONGEST, "\\boxed   " * LONGEST, "-" * LONGEST):
        for reading in READINGS.values():
            reading(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The answer is (B).", "B"),
        ("answer: C) the pear", "C"),
        ("(A) fits less well than (D), so (D)", "D"),
        ("B", "B"),
        ("B.", "B"),
        ("A) the apple", "A"),
        ("A pear", None),
        ("I think so", None),
        ("The answer is option E", "E"),
        ("The answer is A", "A"),
        ("it is b", None),
    ],
)
def test_a_choice_is_its_letter(text: str, answer: str | None) -> None:
    assert choice(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [("Yes, no doubt. The answer is no.", "no"), ("No. Yes", "yes"), ("It is True", "yes"), ("nobody knows", None)],
)
def test_yes_and_no(text: str, answer: str | None) -> None:
    assert yes_or_no(text) == answer


def test_words_are_one_spelling() -> None:
    assert words("Because.\nThe answer is  *The Pear tree*.") == "the pear tree"
    assert words("One.\nTwo!\n") == "two"
    assert words(" . ") is None


def test_the_last_mark_counts_and_its_line_alone() -> None:
    assert marked("#### 1\nthe answer is 2\n3") == "2"
    assert marked("#### ") is None
    assert marked("nothing") is None
