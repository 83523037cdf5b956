"""A page loads nothing, runs nothing, and shows every text as it is."""

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from openbook.report.bars import bar_plot
from openbook.report.page import Section, page
from openbook.report.series import Bars
from openbook.report.tables import Column, Table

VOID = {"meta"}


class Outline(HTMLParser):
    """Tags in balance, their attributes, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(html: str) -> Outline:
    parsed = Outline()
    parsed.feed(html)
    parsed.close()
    assert parsed.open == []
    return parsed


PLOT = bar_plot("Plot </svg>", [Bars("a", ["<x>"], [1.0])])
TABLE = Table("T <i>", (Column("a"), Column("b", "right")), (("<script>", "1"),), "note & more")


def test_a_whole_page() -> None:
    html = page("A & B", [Section("One <b>", ["text <script>alert(1)</script>", TABLE, PLOT]), Section("", ["two"])])
    parsed = outline(html)
    tags = [tag for tag, _ in parsed.seen]
    assert html.startswith("<!doctype html>")
    assert "script" not in tags
    assert tags.count("svg") == tags.count("table") == 1
    assert tags.count("h2") == 1
    assert "text <script>alert(1)</script>" in parsed.text
    assert "prefers-color-scheme:dark" in html


def test_nothing_is_fetched() -> None:
    parsed = outline(page("t", [Section("s", ["x", TABLE, PLOT])]))
    attributes = {name for _, attrs in parsed.seen for name in attrs}
    assert not attributes & {"src", "href", "xlink:href", "srcset", "action", "onclick", "onload"}
    assert not re.search(r"url\(|@import", page("t", []))
    policies = [attrs["content"] for tag, attrs in parsed.seen if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


@given(st.text(), st.text(), st.text())
def test_any_text_leaves_the_page_whole(title: str, heading: str, paragraph: str) -> None:
    parsed = outline(page(title, [Section(heading, [paragraph])]))
    assert {tag for tag, _ in parsed.seen} <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "h1",
        "h2",
        "p",
        "section",
    }
