"""An HTML page becomes the text that its reader sees, in blocks."""

from pathlib import Path

import pytest

from openbook.documents import Limits, chunk, load, place
from openbook.documents.html_text import extract_html
from openbook.errors import UnreadableSource
from openbook.values import Span

PAGE = """<!DOCTYPE html>
<html><head><title>A page &amp; more</title><style>p {}</style><script>var x = "<p>no</p>";</script></head>
<body><nav><a href="/">Home</a></nav><div role="navigation">Menu</div>
<h1>Main <em>title</em><a class="headerlink" href="#x">¶</a></h1>
<p>First   paragraph
of <b>bold</b>ness&nbsp;here.<br>After a break.<br><br>After two.</p>
<p hidden>hidden</p><p style="color: red; display : none">hidden</p><template>hidden</template>
<ul><li>one<li>two <ul><li>inner</ul></ul>
<table><caption>Prices</caption><tr><th>What<th>Cost<tr><td><p>tea</p><td><p>2 €</p></table>
<h2>Code</h2>
<pre>
def f():
    return  1

f()</pre><p>&nbsp;</p><svg><text>drawn</text></svg><!-- comment -->
<blockquote>Quoted<p>twice</blockquote><button>Copy</button>Tail
</body></html>"""

SEEN = """Main title

First paragraph of boldness\u00a0here.
After a break.

After two.

one

two

inner

Prices

What\tCost
tea\t2 €

Code

def f():
    return  1

f()

Quoted

twice

Tail"""


def test_a_page_as_a_reader_sees_it() -> None:
    found = extract_html(PAGE.encode())
    assert found.text == SEEN
    assert found.title == "A page & more"
    assert found.meta["headings"] == [[0, 1, "Main title"], [SEEN.index("Code"), 2, "Code"]]
    spans = found.meta["line_spans"]
    assert isinstance(spans, list)
    assert [SEEN[a:b] for a, b in spans] == ["What\tCost\ntea\t2 €", "def f():\n    return  1\n\nf()"]


def test_main_stands_for_the_page_where_it_holds_something() -> None:
    words = "The main words of this page are these. " * 10
    page = f"<header>Site header</header><main><h1>T</h1><p>{words}</main><footer>Imprint</footer>"
    assert extract_html(page.encode()).text == f"T\n\n{words.strip()}"
    assert extract_html(b"<header>Site</header><main><p>Loading</main>").text == "Site\n\nLoading"


def test_a_table_that_only_lays_out_the_page_keeps_its_paragraphs() -> None:
    found = extract_html(b"<table><tr><td><h2>Left</h2><p>a<p>b<td>right</table><table><tr><td>x<tr><td>y</table>")
    assert found.text == "Left\n\na\n\nb\tright\n\nx\n\ny"
    assert found.meta["line_spans"] == []


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<p>Привет".encode("cp1251"), None),
        (b'<meta charset="windows-1251"><p>' + "Привет".encode("cp1251"), "Привет"),
        (b'<?xml version="1.0" encoding="iso-8859-2"?><html><p>' + "łódź".encode("iso8859-2"), "łódź"),
        ("<p>日本".encode("utf-8-sig"), "日本"),
        ("<p>日本".encode("utf-16"), "日本"),
        (b'<meta charset="utf-16"><p>caf\xc3\xa9', "café"),
        (b"<p>&#0;&#xD800;&#x110000;&amp;lt;&unknown;", "\ufffd\ufffd\ufffd&lt;&unknown;"),
        (b"<p>a\0b\r\nc", None),
    ],
)
def test_encodings_and_odd_characters(data: bytes, text: str | None) -> None:
    found = extract_html(data).text
    assert "\0" not in found
    assert "\r" not in found
    if text is not None:
        assert found == text


@pytest.mark.parametrize("tag", ["b", "span", "i", "blockquote", "ul><li", "table><tr><td", "font", "a><p"])
def test_deep_nesting_neither_crashes_nor_recurses(tag: str) -> None:
    depth = 100_000 if tag in ("b", "span", "i") else 3_000
    assert "deep down" in extract_html(f"<{tag}>".encode() * depth + b"deep down").text


def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "attributes.html"  # the parser compares each attribute with all before it: minutes
    path.write_text("<p " + " ".join(f"a{i}=1" for i in range(200_000)) + ">words")
    with pytest.raises(UnreadableSource, match=r"attributes.html takes over 1 seconds to read"):
        load(path, Limits(seconds=1))


@pytest.mark.slow
def test_fifty_thousand_nested_blocks(tmp_path: Path) -> None:
    path = tmp_path / "deep.html"
    path.write_bytes(b"<div>" * 50_000 + b"deep down")
    assert load(path, Limits(seconds=600)).text == "deep down"


def test_chunks_and_places_go_by_headings(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    document = load(path)
    assert document.title == "A page & more"
    assert document.meta["kind"] == "html"
    chunks = chunk(document, lambda t: [(m, m + 1) for m in range(0, len(t), 4)], 200)
    assert [(c.heading, c.place) for c in chunks] == [
        (("Main title",), '"Main title", paragraph 1'),
        (("Main title", "Code"), '"Code", paragraph 1'),
    ]
    assert chunks[0].span.of(document.text).startswith("First paragraph")
    assert place(document, 0) == '"Main title"'
    assert place(document, SEEN.index("After two")) == '"Main title", paragraph 2'
    assert Span(0, 4).of(document.text) == "Main"
