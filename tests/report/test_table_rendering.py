"""Tables: within the width whatever they hold, numbers never cut, and cells that Markdown and HTML show as they are."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from openbook.report import markup, terminal
from openbook.report.characters import shown, width
from openbook.report.problems import ReportProblem
from openbook.report.tables import Column, Table

aligns = st.sampled_from(["left", "right", "center"])


cells = st.text(max_size=40)


@st.composite
def tables(draw) -> Table:
    columns = draw(st.lists(st.builds(Column, st.text(max_size=15), aligns), min_size=1, max_size=8))
    rows = draw(st.lists(st.tuples(*[cells] * len(columns)), max_size=5))
    return Table(draw(st.text(max_size=100)), tuple(columns), tuple(rows), draw(st.text(max_size=100)))


@given(tables(), st.integers(20, 120))
def test_no_line_is_wider_than_the_terminal(table: Table, columns: int) -> None:
    lines = terminal.text(table, columns).split("\n")
    assert max(map(width, lines)) <= columns
    assert not any(line.endswith(" ") for line in lines)


@given(st.lists(st.floats(-1e9, 1e9).map(lambda x: f"{x:.3f}"), min_size=1, max_size=6))
def test_numbers_are_never_cut(numbers: list) -> None:
    table = Table(
        "", (Column("system"), *[Column("a long heading over it", "right")] * len(numbers)), (("x " * 60, *numbers),)
    )
    assert all(re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", terminal.text(table)) for number in numbers)


def test_a_golden_table() -> None:
    table = Table(
        "Retrieval",
        (Column("System"), Column("recall@10", "right"), Column("kind", "center")),
        (("BM25", "81.2", "x"), ("日本", "8.0", "yy")),
        "n = 2",
    )
    assert terminal.text(table) == (
        "Retrieval\n"
        "\n"
        "System  recall@10  kind\n"
        "──────  ─────────  ────\n"
        "BM25         81.2   x\n"
        "日本          8.0   yy\n"
        "\n"
        "n = 2"
    )
    assert markup.markdown(table) == (
        "**Retrieval**\n"
        "\n"
        "| System | recall@10 | kind |\n"
        "| :----- | --------: | :--: |\n"
        "| BM25   |      81.2 |  x   |\n"
        "| 日本   |       8.0 |  yy  |\n"
        "\n"
        "n = 2"
    )


def test_words_wrap_before_anything_is_lost_and_narrow_terminals_get_blocks() -> None:
    table = Table("", (Column("System"), Column("ms", "right"), Column("What")), (("BM25", "1.5", "word " * 12),))
    text = terminal.text(table, 30)
    assert text.count("word") == 12
    numbers = Table("", tuple(Column(f"m{i}", "right") for i in range(12)), (tuple("1234.5678" for _ in range(12)),))
    assert terminal.text(numbers).split("\n")[:2] == ["m0: 1234.5678", "m1: 1234.5678"]
    assert terminal.text(Table("", (Column("a"),), ())) == "a\n──"


@given(tables())
@example(Table("", (Column("a"),), (("*x* _y_ `z` [a](b) <b> &amp; ~~s~~ a|b \\ $x$ ![i](j) [^1] a_b_c <http://x>",),)))
@example(Table("", (Column("a"),), (("<!-- end -->",), ("__init__",), ("|",), ("\\|",), ("trailing\\",))))
def test_markdown_shows_every_cell_as_it_is(table: Table) -> None:
    bare = Table("", table.columns, table.rows)
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markup.markdown(bare))
    assert Cells.of(html) == [
        [shown(column.name) for column in table.columns],
        *[list(map(shown, r)) for r in table.rows],
    ]


@given(tables())
def test_html_shows_every_cell_as_it_is(table: Table) -> None:
    html = markup.html(table)
    assert Cells.of(html) == [
        [shown(column.name) for column in table.columns],
        *[list(map(shown, r)) for r in table.rows],
    ]
    assert set(re.findall(r"<(\w+)", html)) <= {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p"}


class Cells(HTMLParser):
    """The text of each cell, row by row; markup inside of a cell is a failure."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    @classmethod
    def of(cls, html: str) -> list[list[str]]:
        parser = cls()
        parser.feed(html)
        parser.close()
        return [[cell.strip(" ") for cell in row] for row in parser.rows]

    def handle_starttag(self, tag: str, attrs: list) -> None:
        assert not self.inside, f"<{tag}> in a cell"
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def test_raw_markdown_stays_readable() -> None:
    assert (
        markup.escaped_markdown("0.81 [0.80, 0.82], p < 0.05, recall_at_10 > x")
        == "0.81 [0.80, 0.82], p < 0.05, recall_at_10 > x"
    )
    assert markup.escaped_markdown("[a](b) *x* <b>") == "[a\\](b) \\*x\\* \\<b>"


def test_bad_tables_are_refused() -> None:
    with pytest.raises(ReportProblem, match="row 2"):
        Table("t", (Column("a"), Column("b")), (("1", "2"), ("1",)))
    with pytest.raises(ReportProblem, match="no columns"):
        Table("t", (), ())
    with pytest.raises(ReportProblem, match="at least 20"):
        terminal.text(Table("t", (Column("a"),), ()), 10)
