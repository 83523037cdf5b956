"""Whatever the bytes: no crash, spans that are valid, text that is never altered, every character in its place."""

import io
import re
from collections.abc import Callable, Sequence

import docx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pdf_writer import paragraph, pdf_file

from openbook.documents import chunk, place, sentences
from openbook.documents.child import extract_apart
from openbook.documents.decode import decode, normalise
from openbook.documents.html_text import extract_html
from openbook.documents.limits import Limits
from openbook.documents.outline import outline
from openbook.documents.refused import Refused
from openbook.values import Document, Span

TEXT_KINDS = ("text", "markdown", "rst", "code", "data")
TokenSpans = Callable[[str], Sequence[tuple[int, int]]]


def by_words(text: str) -> Sequence[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]


def by_characters(text: str) -> Sequence[tuple[int, int]]:
    return [(i, i + 1) for i, c in enumerate(text) if not c.isspace()]


def by_bytes(text: str) -> Sequence[tuple[int, int]]:
    return [(i, i + 1) for i, c in enumerate(text) for _ in c.encode()]


def by_threes(text: str) -> Sequence[tuple[int, int]]:
    """Depends on where the text begins, as merges over blanks do."""
    return [(i, min(i + 3, len(text))) for i in range(0, len(text), 3)]


def ascii_only(text: str) -> Sequence[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"[a-z]+", text)]


# pieces of which texts with structure are put together, so that the rules about it are met and not only plain words
PIECES = st.sampled_from(
    [
        *"a b Word words. The end. Dr. U.S. e.g. 3.14 1. 2) (a) “Quote.” ‘x’ ... … ? ! 。 「文。」 ؟ । é".split(),
        *"e\u0301 \u202e \ufffd 🇩🇪 👩 # ## ###### === --- ``` ```python ~~~ $$ | |-|-| > - * + :: .. :key:".split(),
        *"{#id} <b> </div> <!-- --> [x](y) ** __ { } ; , : = x=1 f(x) \\begin{x} \\item // /* */ @a #!".split(),
        *("\u2028", "\x85", "\x0b", "\x0c", "\u200d", "\n", "\n\n", "\n \n", "    ", "\t", " ", "  \n"),
        *("\n---\n", "\n===\n", "\n```\n", "\n# H\n\n", "\n- x\n", "\n> ", "\n\n\n"),
    ]
)
STRUCTURED = st.lists(PIECES, max_size=60).map("".join).map(normalise)
ANY_TEXT = st.one_of(STRUCTURED, st.text(max_size=200).map(normalise))


def check_sentences(text: str, span: Span) -> None:
    found = sentences(text, span)
    position = span.start
    for piece in found:
        assert span.start <= position <= piece.start < piece.end <= span.end
        assert not text[position : piece.start].strip()
        assert piece.of(text) == piece.of(text).strip()
        position = piece.end
    assert not text[position : span.end].strip()


def check_chunks(text: str, kind: str, token_spans: TokenSpans, budget: int) -> None:
    document = Document("id", "/x", "x", text, "", {"kind": kind})
    chunks = chunk(document, token_spans, budget)
    headings = [h.span for h in outline(document).headings]
    covered = bytearray(len(text))
    position = 0
    for piece in chunks:
        words = piece.span.of(text)
        assert position <= piece.span.start
        assert words
        assert words == words.strip()
        assert len(token_spans(words)) <= budget or len(words) == 1
        assert piece.place == place(document, piece.span.start)
        covered[piece.span.start : piece.span.end] = b"\1" * (piece.span.end - piece.span.start)
        position = piece.span.end
    missing = {i for i, c in enumerate(text) if not c.isspace() and not covered[i]}
    assert missing <= {i for span in headings for i in range(span.start, span.end)}
    if kind not in ("markdown", "rst"):
        assert not missing
    if kind == "markdown":  # a heading that is in no chunk is in the path of one
        paths = {title for piece in chunks for title in piece.heading}
        assert all(
            h.title in paths or not missing & {*range(h.span.start, h.span.end)} or not h.title
            for h in outline(document).headings
        )


def check_decoding(data: bytes, declared: str | None) -> None:
    text = decode(data, declared).text
    assert "\r" not in text
    assert "\0" not in text
    text.encode("utf-8")  # no lone surrogates
    assert normalise(text) == text


def word_file() -> bytes:
    document = docx.Document()
    document.add_heading("Head", 1)
    document.add_paragraph("Some words. " * 20)
    document.add_table(2, 2).cell(0, 0).text = "cell"
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


SAMPLES = {
    "pdf": pdf_file([[*paragraph(["Some words", "in lines"])], paragraph(["More"])], title="T", outline=[("Some", 0)]),
    "docx": word_file(),
}
TOKENIZERS = st.sampled_from([by_words, by_characters, by_bytes, by_threes, ascii_only])


@settings(max_examples=600, deadline=None)
@given(
    st.one_of(st.binary(max_size=300), ANY_TEXT.map(lambda t: t.encode("utf-16"))),
    st.none() | st.sampled_from(["latin-1", "utf-8", "shift_jis", "utf-7", "x"]),
)
def test_decoding_never_fails(data: bytes, declared: str | None) -> None:
    check_decoding(data, declared)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_utf8_is_kept_but_for_line_ends_nul_and_one_bom(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    wanted = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    assert decode(b"\xef\xbb\xbf" + text.encode()).text.removeprefix("\ufeff") == wanted.removeprefix("\ufeff")


@settings(max_examples=800, deadline=None)
@given(ANY_TEXT, st.integers(0, 50), st.integers(0, 50))
@example("```\na", 0, 0)
def test_sentences_cover_a_span(text: str, left: int, right: int) -> None:
    start = min(left, len(text))
    check_sentences(text, Span(start, max(start, len(text) - right)))


@settings(max_examples=1500, deadline=None)
@given(ANY_TEXT, st.sampled_from(TEXT_KINDS), TOKENIZERS, st.integers(1, 40))
def test_chunks_cover_a_document(text: str, kind: str, token_spans: TokenSpans, budget: int) -> None:
    check_chunks(text, kind, token_spans, budget)


TAGS = st.sampled_from(
    "<p> </p> <div> <h1> </h1> <h2> </h2> <table> <tr> <td> </td> </table> <pre> </pre> <ul> <li> <br> <b> <script>"
    " </script> <main> <nav> </nav> <p\thidden> <title> &amp; &#0; &lt <!-- --> <a\thref=x>¶</a> <svg>".split(" ")
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(TAGS, PIECES), max_size=60).map("".join), TOKENIZERS, st.integers(1, 40))
def test_html_is_text_with_valid_headings_and_chunks(page: str, token_spans: TokenSpans, budget: int) -> None:
    found = extract_html(page.encode("utf-8", "replace"))
    assert found.text == normalise(found.text)
    headings = found.meta["headings"]
    assert isinstance(headings, list)
    for position, level, title in headings:
        assert 1 <= level <= 6
        assert " ".join(found.text[position:].split()).startswith(title)
    document = Document("id", "/x", "x", found.text, "", {"kind": "html", **found.meta})
    chunks = chunk(document, token_spans, budget)
    heads = {i for h in outline(document).headings for i in range(h.span.start, h.span.end)}
    covered = [i for c in chunks for i in range(c.span.start, c.span.end)]
    assert len(covered) == len(set(covered))
    assert {i for i, c in enumerate(found.text) if not c.isspace()} <= heads | set(covered)
    assert all(len(token_spans(c.span.of(found.text))) <= budget or c.span.end - c.span.start == 1 for c in chunks)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400), st.integers(0, 100_000), st.sampled_from(["pdf", "docx"]))
def test_damaged_pdf_and_docx_are_read_or_refused(noise: bytes, at: int, kind: str) -> None:
    data = bytearray(SAMPLES[kind])
    at %= len(data)
    data[at : at + len(noise)] = noise
    try:
        found = extract_apart(kind, bytes(data), None, Limits())
    except Refused as refused:
        found = None
        assert "\n" not in str(refused)  # noqa: PT017 - both ends are right
    assert found is None or found.text == normalise(found.text)


@pytest.mark.slow
@settings(max_examples=2500, deadline=None)
@given(ANY_TEXT, st.sampled_from(TEXT_KINDS), TOKENIZERS, st.integers(1, 60))
def test_many_more_chunks(text: str, kind: str, token_spans: TokenSpans, budget: int) -> None:
    check_chunks(text, kind, token_spans, budget)
    check_sentences(text, Span(0, len(text)))


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(st.binary(max_size=2000), st.none() | st.text(max_size=20))
def test_many_more_bytes(data: bytes, declared: str | None) -> None:
    check_decoding(data, declared)
    text = decode(data, declared).text
    check_sentences(text, Span(0, len(text)))
