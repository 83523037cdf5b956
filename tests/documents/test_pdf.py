"""A PDF becomes text page by page, with paragraphs, headings and page numbers."""

from pathlib import Path

import pytest
from pdf_writer import paragraph, pdf_file

from openbook.documents import chunk, load, place
from openbook.documents.limits import Limits
from openbook.documents.pdf_lines import Line, body_height, breaks, continues, levels_by_size, line_of_title
from openbook.documents.pdf_text import extract_pdf
from openbook.documents.refused import Refused

FIRST = ["The first paragraph has", "three lines that are", "set below each other."]
SECOND = ["After a gap comes the", "second one, which ends", "on this page but goes"]
THIRD = ["on over the page. And", "this is its end."]


def saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_pages_paragraphs_and_their_places(tmp_path: Path) -> None:
    pages = [[*paragraph(FIRST), *paragraph(SECOND, top=640)], paragraph(THIRD), paragraph(["A new page begins."])]
    document = load(saved(tmp_path / "a.pdf", pdf_file(pages, title="The stated title")))
    assert document.text == "\n".join(FIRST) + "\n\n" + "\n".join(SECOND + THIRD) + "\n\nA new page begins."
    assert document.title == "The stated title"
    assert document.meta["kind"] == "pdf"
    starts = document.meta["pages"]
    assert starts == [0, document.text.index("on over"), document.text.index("A new page")]
    assert [place(document, p) for p in (0, document.text.index("goes"), document.text.index("over the"))] == [
        "page 1",
        "page 1",
        "page 2",
    ]
    assert place(document, len(document.text) - 1) == "page 3"


def test_a_hyphen_at_the_end_of_a_line_stays_there(tmp_path: Path) -> None:
    document = load(
        saved(tmp_path / "a.pdf", pdf_file([paragraph(["a well known con-", "nection of words", "and more"])]))
    )
    assert document.text == "a well known con-\nnection of words\nand more"


def test_headings_are_told_by_size_and_have_levels(tmp_path: Path) -> None:
    pages = [
        [
            (72, 740, 24, "The Title"),
            (72, 700, 18, "One"),
            *paragraph(FIRST, top=670),
            (72, 600, 18, "Two"),
            *paragraph(SECOND, top=570),
        ]
    ]
    document = load(saved(tmp_path / "paper.pdf", pdf_file(pages, title="Microsoft Word - paper.doc")))
    assert document.title == "The Title"
    assert document.meta["headings"] == [
        [0, 1, "The Title"],
        [document.text.index("One"), 2, "One"],
        [document.text.index("Two"), 2, "Two"],
    ]
    chunks = chunk(document, lambda t: [(i, i + 1) for i in range(len(t))], 500)
    assert [(c.heading, c.place, c.span.of(document.text)) for c in chunks] == [
        (("The Title", "One"), "page 1", "\n".join(FIRST)),
        (("The Title", "Two"), "page 1", "\n".join(SECOND)),
    ]


def test_an_outline_says_what_is_a_heading(tmp_path: Path) -> None:
    pages = [[(72, 740, 12, "1 Intro"), *paragraph(FIRST)], [(72, 740, 12, "2 Rest"), *paragraph(THIRD)]]
    outline = [("Intro", 0), ("Rest", 1), ("Not printed", 1)]
    document = load(saved(tmp_path / "a.pdf", pdf_file(pages, outline=outline)))
    start = document.text.index("2 Rest")
    assert document.meta["headings"] == [[0, 1, "1 Intro"], [start, 1, "Not printed"], [start, 1, "2 Rest"]]
    assert document.text.startswith("1 Intro\n\nThe first")


def test_no_text_broken_and_encrypted() -> None:
    with pytest.raises(Refused, match="is encrypted: save it without a password"):
        extract_pdf(pdf_file([paragraph(FIRST)], encrypted=True), Limits())
    with pytest.raises(Refused, match="is a broken PDF"):
        extract_pdf(b"%PDF-1.4\nnothing more", Limits())
    assert extract_pdf(pdf_file([[]]), Limits()).text == ""


def test_too_much_text_is_refused() -> None:
    with pytest.raises(Refused, match="over 50 characters of text"):
        extract_pdf(pdf_file([paragraph(FIRST), paragraph(SECOND)]), Limits(max_characters=50))


def test_many_pages() -> None:
    found = extract_pdf(pdf_file([paragraph([f"Page number {n}."]) for n in range(1, 301)]), Limits())
    starts = found.meta["pages"]
    assert isinstance(starts, list)
    assert [found.text[a : a + 13].split(".")[0] for a in starts[:3]] == [
        "Page number 1",
        "Page number 2",
        "Page number 3",
    ]
    assert found.text.endswith("Page number 300.")


def lines(*rows: tuple[str, float, float]) -> list[Line]:
    return [Line(*row) for row in rows]


def test_double_spacing_is_no_paragraph_and_a_new_column_may_be() -> None:
    spaced = lines(*((f"line {i}", 700 - 30 * i, 12) for i in range(6)))
    assert breaks(spaced) == [False] * 6
    columns = lines(("End of one.", 100, 12), ("Begin of two", 700, 12), ("that goes", 100, 12), ("on here", 700, 12))
    assert breaks(columns) == [False, True, False, False]
    assert breaks([]) == []


def test_lines_of_unknown_place_stay_together() -> None:
    assert breaks([Line("a"), Line("b")]) == [False, False]
    assert body_height([[Line("a")]]) == 0
    assert levels_by_size([[Line("a")], []]) == [[0], []]


def test_what_goes_on_and_what_does_not() -> None:
    assert continues("the end of a line", "goes on")
    assert not continues("the end.", "goes on")
    assert not continues("the end", "Goes on")


def test_a_title_is_found_on_its_line() -> None:
    page = [Line("Contents"), Line("2.1  Long   Name"), Line("Long name of something else entirely")]
    assert line_of_title(page, "long name", 0) == 1
    assert line_of_title(page, "long name", 2) is None
    assert line_of_title(page, "missing", 0) is None
