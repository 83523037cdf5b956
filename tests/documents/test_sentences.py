"""Sentences end where a reader would end them, in several scripts and forms of text."""

import pytest

from openbook.documents import sentences
from openbook.values import Span


def split(text: str) -> list[str]:
    return [span.of(text) for span in sentences(text, Span(0, len(text)))]


@pytest.mark.parametrize(
    "whole",
    [
        "Dr. Smith and Mrs. Jones met Prof. J. K. Rowling of St. Andrews on Jan. 5 at 3 p.m. sharp.",
        "The U.S. Senate and the U.K. Parliament differ, e.g. in size, i.e. in members, etc. and so on.",
        "See Fig. 3, Eq. 4 and pp. 5 of vol. 2, cf. No. 7 by Smith et al. (2020) vs. Doe.",
        "Apple Inc. Chief Tim Cook owns approx. 3.2 million shares worth $1.5 billion.",
        "He has a Ph.D. in physics from M.I.T. and works for Acme Corp. in Ohio.",
        "Version 2.0.1 of example.com/index.html?a=b.c was released on 3.14.2020 at 10:30.",
        "Yahoo! is a company, and “What now?” he asked, so “Stop!” she cried.",
        "Wait … and see . . . or not... said he.",
        "1. A numbered point is one sentence",
        "iv. A point in Roman numerals",
        "Am 3. Oktober 1990 war z.B. in Berlin Feiertag.",
        "It is kept\nfor the one and\nwith the other, as\nif it were\nreturn of a kind\nthat goes on.",
        "A dash may begin a line\n– as it does here –\nof one sentence.",
        "A line that is\nwrapped here and\n  there goes on.",
        "It costs 5 sq. ft. of space (see Sec. 3.1 below), roughly.",
        "Section 3.1 The and Fig.2 Some and No.5 Chanel, at 3.14 Euros, go on.",
        "The value x.y.z is set in a.b.c and f(x).g too.",
    ],
)
def test_one_sentence(whole: str) -> None:
    assert split(whole) == [whole]


@pytest.mark.parametrize(
    "parts",
    [
        ["One sentence.", "Another one!", "A third?", "And a fourth…", "The end"],
        ["He lives in the U.S.", "She does not.", "They sat.", "Mary left.", "Plan B.", "The rest."],
        [
            "He said “It is over.”",
            "She left.",
            "(A whole aside.)",
            "“Quoted first.”",
            "‘Then this.’",
            "**Bold.**",
            "_Done._",
        ],
        [
            "It is known.[1][23]",
            "So it is.[4]",
            "Is it?[citation needed]",
            "A note.¹²",
            "Glued on.12",
            "“Quoted.”3",
            "Yes.",
        ],
        ["Is it 5?", "no, it is not.", "Really?!", "Yes."],
        ["No.", "I do not.", "Etc.", "It goes on."],
        ["We sort arrays.", "numpy is a library.", "It was made in 2005.", "3 people did it."],
        ["これは文です。", "「そうです。」と言った。", "次の文！", "終わり"],
        ["这是一句话。", "“第二句！”", "第三句？"],
        ["مرحبا بالعالم.", "كيف حالك؟", "أنا بخير۔", "شكرا"],
        ["यह वाक्य है।", "दूसरा॥", "तीसरा"],
        ["Это первое предложение.", "А. С. Пушкин написал второе.", "Третье!"],
        ["¿Qué hora es?", "¡Hola!", "Son las tres."],
        ["Apple Inc.", "The firm grew.", "It closed at 5 p.m.", "He left."],
        ["The formula is x = 3.", "Then y = 4."],
        ["Vitamin C.", "It helps.", "Than I.", "She knew."],
    ],
)
@pytest.mark.parametrize("between", [" ", "\n", "  \n "])
def test_several_sentences(parts: list[str], between: str) -> None:
    assert split(between.join(parts)) == parts


def test_east_asian_sentences_need_no_blank() -> None:
    assert split("一。二！三？「四。」五．六") == ["一。", "二！", "三？", "「四。」", "五．", "六"]
    assert split("値は３．１４です。") == ["値は３．１４です。"]


@pytest.mark.parametrize(
    "lines",
    [
        ["# Heading without a stop", "Text below", "", "Another paragraph"],
        ["Heading", "=======", "Text", "", "Lower", "-----", "Text"],
        ["- first item", "- second item", "* third", "1. one", "2. two", "(a) letter", "• bullet"],
        ["| a | b |", "|---|---|", "| 1. x | 2 |"],
        ["name\tcost", "tea\t2"],
        ["a | b | c", "1 | 2 | 3"],
        ["a,b,c", "1,2,3"],
        ["key: value", "other: thing", "third: one"],
        ['{"a": 1, "b": "x"}', '{"a": 2, "b": "y"}'],
        ["{", '  "name": "x",', '  "other": [1, 2]', "}"],
        ["```python", "x = compute(1)", "print x", "```", "Text after"],
        ["def f(x):", "    y = x + 1", "    return y"],
        ["int main() {", "    return 0;", "}"],
        [".. note::", "Text", "", ":param x: what", ":return: that"],
        ["> quoted words", "", "answer"],
    ],
)
def test_lines_that_stand_alone(lines: list[str]) -> None:
    assert split("\n".join(lines)) == [line.strip() for line in lines if line]


def test_items_and_quotes_go_on_over_wrapped_lines() -> None:
    assert split("- an item that\n  goes on\n- the next") == ["- an item that\n  goes on", "- the next"]
    assert split("Said he:\n> quoted words\n> go on\nanswer") == ["Said he:", "> quoted words\n> go on", "answer"]


def test_a_number_that_a_wrapped_line_begins_with_is_no_item() -> None:
    assert split("It was the summer of\n1969 and the number was\n12, no more") == [
        "It was the summer of\n1969 and the number was\n12, no more"
    ]


def test_a_formula_is_one_sentence() -> None:
    text = "The loss\n$$\na = b.\n+ C. D\n$$\nis small. And $$x$$ too."
    assert split(text) == ["The loss", "$$\na = b.\n+ C. D\n$$", "is small.", "And $$x$$ too."]


def test_a_range_that_begins_inside_code_is_code_up_to_its_fence() -> None:
    assert split("words of code\nmore of it\n```\nText that is\nwrapped.") == [
        "words of code",
        "more of it",
        "```",
        "Text that is\nwrapped.",
    ]


def test_only_the_span_is_looked_at() -> None:
    text = "Zero. One. Two. Three."
    assert [s.of(text) for s in sentences(text, Span(6, 15))] == ["One.", "Two."]
    assert sentences(text, Span(5, 6)) == []
    assert sentences("", Span(0, 0)) == []
    with pytest.raises(ValueError, match="outside"):
        sentences(text, Span(0, 100))


@pytest.mark.parametrize(
    "hostile",
    [
        "." * 1_000_000 + "x",
        '"' * 1_000_000,
        '."' * 500_000,
        ". " * 500_000,
        ".[1" * 300_000,
        "." + "[1]" * 300_000 + "x",
        ". " + " " * 1_000_000 + "x",
        "\n" * 100_000,
        "A. " * 100_000,
        "|" * 1_000_000,
        "#" * 1_000_000,
        "a\n" * 100_000,
        "a:\n" * 60_000,
        ",a" * 500_000,
        "\t" * 1_000_000 + "x",
        "(" * 1_000_000 + ". ",
        "```\n" * 50_000,
        "！" * 1_000_000,
        "$$\n" * 60_000,
        "[" * 1_000_000,
        "<a" * 500_000,
        "\\begin" * 100_000,
        "a-" * 500_000 + ". B",
        ":a" * 500_000,
        "= " * 500_000,
    ],
    ids=lambda text: repr(text[:4]),
)
def test_a_long_run_of_anything_is_linear(hostile: str) -> None:
    found = sentences(hostile, Span(0, len(hostile)))
    assert sum(len("".join(s.of(hostile).split())) for s in found) == len("".join(hostile.split()))


def test_rows_of_two_values_are_sentences_of_their_own() -> None:
    text = "name,salary\nJane Doe,51000\nPer Holm,48000\n"
    assert [s.of(text) for s in sentences(text, Span(0, len(text)))] == text.split("\n")[:-1]
    wrapped = "It cost them 51,000\nand then 48,000 more."
    assert len(sentences(wrapped, Span(0, len(wrapped)))) == 1
