"""Structure is found where Markdown, reStructuredText and code have it, and text stays whole whatever they hold."""

import pytest
from markdown_it import MarkdownIt

from openbook.documents.markdown_outline import _SLICE, markdown_outline
from openbook.documents.outline import Outline, first_title, outline, plain_title, sections
from openbook.values import Document, Json, Span


def document(text: str, kind: str, **meta: Json) -> Document:
    return Document("id", "/x", "x", text, "", {"kind": kind, **meta})


def titles(found: Outline) -> list[tuple[int, str]]:
    return [(h.level, h.title) for h in found.headings]


def shapes(text: str, found: Outline) -> list[tuple[str, str]]:
    return [(b.kind, b.span.of(text).strip("\n")) for b in found.blocks]


MARKDOWN = """---
title: front
---
# One `code` #

Text *here*
goes on.

Two
===

- item

  ```
  # no heading
  ```
> # quoted, no heading

| a | b |
|---|---|
| 1 | 2 |

~~~
## no heading
~~~

    # no heading

<div>
# no heading
</div>

### Three {#three}
#no heading
####### no heading

[link]: http://x.y
"""


def test_markdown() -> None:
    found = markdown_outline(MARKDOWN)
    assert titles(found) == [(1, "One code"), (1, "Two"), (3, "Three")]
    assert shapes(MARKDOWN, found) == [
        ("lines", "---\ntitle: front\n---"),
        ("prose", "Text *here*\ngoes on."),
        ("prose", "- item\n\n  ```\n  # no heading\n  ```"),
        ("prose", "> # quoted, no heading"),
        ("lines", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("lines", "~~~\n## no heading\n~~~"),
        ("lines", "    # no heading"),
        ("lines", "<div>\n# no heading\n</div>"),
        ("prose", "#no heading\n####### no heading"),
        ("prose", "[link]: http://x.y"),
    ]


def test_a_long_markdown_text_is_cut_between_blocks_and_not_inside_fences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openbook.documents.markdown_outline._SLICE", 4096)
    part = "# Head\n\nSome words in a paragraph.\n\n```\nCode here\n\n# no heading\n\nMore\n```\n\nAfter.\n\n"
    text = part * 400
    found = markdown_outline(text)
    assert titles(found) == [(1, "Head")] * text.count("# Head")
    whole = [h.tag for h in MarkdownIt("commonmark").parse(text) if h.type == "heading_open"]
    assert len(found.headings) == len(whole)
    assert all("# no heading" in block or "#" not in block for _, block in shapes(text, found))


@pytest.mark.parametrize(
    "hostile",
    [
        ">" * 100_000,
        "- " * 50_000,
        "1. " * 30_000,
        "* a\n " * 3_000,
        "```\n" * 10_000,
        "|a" * 100 + "\n" + "|-" * 100 + "\n" + "|\n" * 500,
        "#" * 100_000,
        "a\n" * 10_000 + "===",
        "<!--\n" * 10_000,
        "[" * 100_000,
        "$$\n" * 10_000 + "x",
        "---\n" * 10_000,
        "\t" * 100_000 + "x",
        "a" * (3 * _SLICE),
        "\n".join(" " * i + "- a" for i in range(500)),
    ],
    ids=lambda text: repr(text[:4]),
)
def test_hostile_markdown_keeps_its_text(hostile: str) -> None:
    seen = [s.span.of(hostile) for section in sections(document(hostile, "markdown")) for s in section.blocks]
    heads = [h.span.of(hostile) for h in outline(document(hostile, "markdown")).headings]
    assert len("".join("".join(seen + heads).split())) == len("".join(hostile.split()))


def test_a_formula_with_blank_lines_and_rules_is_one_block() -> None:
    text = "Before\n\n$$\na\n---\n\n# b\n\nc\n$$\n\nAfter\n"
    found = markdown_outline(text)
    assert titles(found) == []
    assert shapes(text, found) == [("prose", "Before"), ("prose", "$$\na\n---\n\n# b\n\nc\n$$"), ("prose", "After")]


RST = """=====
Title
=====

Intro text, with
a line.

Part
----

Example::

    # code
    ----

    more

Back.

.. code-block:: python

   x = 1

Sub
~~~
Short underline
---------
Other
-----
not a title
==

日本語
======
"""


def test_restructuredtext() -> None:
    found = outline(document(RST, "rst"))
    assert titles(found) == [
        (1, "Title"),
        (2, "Part"),
        (3, "Sub"),
        (2, "Short underline"),
        (2, "Other"),
        (4, "日本語"),
    ]
    assert shapes(RST, found) == [
        ("lines", "    # code\n    ----\n\n    more"),
        ("lines", ".. code-block:: python\n\n   x = 1"),
    ]


def test_code_is_cut_at_the_left_margin() -> None:
    code = "import x\n\ndef f():\n    a\n\n    b\n\n\n# about g\ndef g(\n    y,\n\n):\n    c\n"
    assert [b.span.of(code).strip() for b in outline(document(code, "code")).blocks] == [
        "import x",
        "def f():\n    a\n\n    b",
        "# about g\ndef g(\n    y,\n\n):\n    c",
    ]


def test_the_path_of_a_section_is_the_titles_above_it() -> None:
    text = "zero\n# A\na\n### B\nb\n## C\n### D\n# E\n"
    found = list(sections(document(text, "markdown")))
    assert [(s.path, [b.span.of(text).strip() for b in s.blocks], s.has_parts) for s in found] == [
        ((), ["zero"], False),
        (("A",), ["a"], True),
        (("A", "B"), ["b"], False),
        (("A", "C"), [], True),
        (("A", "C", "D"), [], False),
        (("E",), [], False),
    ]


def test_stated_headings_that_cannot_be_are_left_out() -> None:
    text = "Head\n\ntext\n\nOther\n\nmore"
    headings: Json = [
        [-1, 1, "x"],
        [999, 1, "x"],
        ["0", 1, "x"],
        [0, 1, "Head"],
        [2, 1, "inside"],
        [12, 2, "Not there"],
        "x",
    ]
    spans: Json = [[5, 3], [-4, 2], [19, 23], [20, 22], [0, 999], [1.5, 2]]
    found = outline(document(text, "html", headings=headings, line_spans=spans))
    assert [(h.span, h.title) for h in found.headings] == [(Span(0, 4), "Head"), (Span(12, 12), "Not there")]
    assert [b.span for b in found.blocks] == [Span(19, 23)]


def test_an_absurd_number_of_headings_does_not_cut_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openbook.documents.outline.MAX_HEADINGS", 50)
    text = "# A\n" + "## b\nc\n" * 50
    assert len(list(sections(document(text, "markdown")))) == 2


def test_a_title_is_words_of_bounded_length() -> None:
    assert plain_title(" The **bold** `code`  and\n[link](http://x.y) {#id} ") == "The bold code and link"
    assert len(plain_title("word " * 100)) <= 100
    assert plain_title("snake_case * 2") == "snake_case 2"


def test_a_heading_too_long_for_one_is_text() -> None:
    text = "# " + "word " * 100 + "\n\nbody\n"
    assert titles(markdown_outline(text)) == []
    assert first_title(document(text, "markdown")) == ""
