"""A place is what a person needs to find a position again."""

from openbook.documents import place
from openbook.documents.place import places
from openbook.values import Document, Json


def document(text: str, **meta: Json) -> Document:
    return Document("id", "/x", "x", text, "", meta)


def test_lines_are_counted_by_line_feeds_alone() -> None:
    text = "one\ntwo\x0b\u2028\x85two\n\nfour"
    doc = document(text, kind="code")
    assert [place(doc, p) for p in (0, 3, 4, text.index("four"), len(text))] == [
        "line 1",
        "line 1",
        "line 2",
        "line 4",
        "line 4",
    ]


def test_a_document_of_unknown_kind_has_lines() -> None:
    assert place(document("a\nb"), 2) == "line 2"


def test_pages() -> None:
    doc = document("aaaa\n\nbbbb\n\ncccc", kind="pdf", pages=[0, 6, 6, 12])
    assert [place(doc, p) for p in (0, 5, 6, 11, 12, 15)] == [
        "page 1",
        "page 1",
        "page 3",
        "page 3",
        "page 4",
        "page 4",
    ]
    assert place(document("a", kind="pdf"), 0) == "page 1"


def test_paragraphs_below_headings() -> None:
    text = "Before\n\nagain\n\nHead\n\nfirst\nstill\n\nsecond\n\nNext\n\nx"
    doc = document(text, kind="html", headings=[[text.index("Head"), 1, "Head"], [text.index("Next"), 2, "N" * 200]])
    assert [place(doc, text.index(word)) for word in ("Before", "again", "Head", "first", "still", "second")] == [
        "paragraph 1",
        "paragraph 2",
        '"Head"',
        '"Head", paragraph 1',
        '"Head", paragraph 1',
        '"Head", paragraph 2',
    ]
    assert place(doc, len(text) - 1) == f'"{"N" * 59}…", paragraph 1'


def test_many_places_are_the_same_in_any_order() -> None:
    text = "a\n\n\n\nb\n\nc\n\n\nd\n" * 20
    for kind in ("text", "docx"):
        doc = document(text, kind=kind, headings=[[30, 1, "H"], [90, 1, "I"]])
        of = places(doc)
        alone = [place(doc, position) for position in range(len(text))]
        assert [of(position) for position in range(len(text))] == alone
        assert [of(position) for position in reversed(range(len(text)))] == alone[::-1]
