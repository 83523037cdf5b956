"""A Word document becomes text: paragraphs, tables, headings, notes; and what it hides stays hidden."""

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.document import Document as WordDocument

from openbook.documents import Limits, chunk, load, place
from openbook.documents.archive import check_archive
from openbook.documents.docx_text import extract_docx
from openbook.documents.refused import Refused
from openbook.errors import UnreadableSource

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def packed(document: WordDocument) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The archive with one part put in or replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return buffer.getvalue()


def with_body(xml: str) -> bytes:
    """A document whose body is this XML."""
    return with_part(
        packed(docx.Document()),
        "word/document.xml",
        f'<?xml version="1.0" encoding="UTF-8"?><w:document {NAMESPACE} xmlns:mc="http://schemas.openxmlformats.org/'
        f'markup-compatibility/2006"><w:body>{xml}</w:body></w:document>'.encode(),
    )


def report() -> WordDocument:
    document = docx.Document()
    document.core_properties.title = "The stated title"
    document.add_paragraph("Title of it all", style="Title")
    document.add_paragraph("Before any heading.")
    document.add_heading("First part", 1)
    document.add_paragraph("A paragraph with ").add_run("bold words").bold = True
    document.add_paragraph("one item", style="List Bullet")
    document.add_paragraph("another\twith a tab\nand a break", style="List Bullet")
    document.add_heading("Details", 2)
    table = document.add_table(rows=2, cols=2)
    for index, words in enumerate(["what", "cost", "tea", "2 €"]):
        table.cell(index // 2, index % 2).text = words
    document.add_paragraph("The end.")
    return document


TEXT = """Title of it all

Before any heading.

First part

A paragraph with bold words

one item

another\twith a tab
and a break

Details

what\tcost
tea\t2 €

The end."""


def test_a_document_as_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    path.write_bytes(packed(report()))
    document = load(path)
    assert document.text == TEXT
    assert document.title == "The stated title"
    assert document.meta["headings"] == [
        [0, 1, "Title of it all"],
        [TEXT.index("First part"), 2, "First part"],
        [TEXT.index("Details"), 3, "Details"],
    ]
    assert document.meta["line_spans"] == [[TEXT.index("what"), TEXT.index("\n\nThe end")]]
    assert place(document, TEXT.index("another")) == '"First part", paragraph 3'
    assert place(document, TEXT.index("Before")) == '"Title of it all", paragraph 1'
    chunks = chunk(document, lambda t: [(i, i + 1) for i in range(len(t))], 500)
    assert [c.heading for c in chunks] == [
        ("Title of it all",),
        ("Title of it all", "First part"),
        ("Title of it all", "First part", "Details"),
    ]


def test_without_a_stated_title_the_first_heading_is_it(tmp_path: Path) -> None:
    document = report()
    document.core_properties.title = ""
    (tmp_path / "a.docx").write_bytes(packed(document))
    assert load(tmp_path / "a.docx").title == "Title of it all"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("<w:p><w:sdt><w:sdtContent><w:r><w:t>in a control</w:t></w:r></w:sdtContent></w:sdt></w:p>", "in a control"),
        (
            "<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>",
            "new",
        ),
        ("<w:p><w:r><w:t>seen</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r></w:p>", "seen"),
        ('<w:p><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>shown</w:t></w:r></w:p>', "shown"),
        (
            "<w:p><w:r><w:t>co</w:t><w:noBreakHyphen/><w:t>op</w:t><w:br/><w:t>x</w:t><w:tab/><w:t>y</w:t></w:r></w:p>",
            "co-op\nx\ty",
        ),
        (
            "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:instrText>PAGE</w:instrText><w:t>7</w:t></w:r></w:p>",
            "7",
        ),
        (
            "<w:p><mc:X><mc:Choice><w:r><w:t>box</w:t></w:r></mc:Choice>"
            "<mc:Fallback><w:r><w:t>box</w:t></w:r></mc:Fallback></mc:X></w:p>".replace("mc:X", "mc:AlternateContent"),
            "box",
        ),
        (
            "<w:tbl><w:tr><w:tc><w:p/><w:tbl><w:tr><w:tc><w:p><w:r><w:t>in</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>",
            "in",
        ),
    ],
)
def test_what_word_shows_is_what_is_read(xml: str, text: str) -> None:
    assert extract_docx(with_body(xml), Limits()).text == text


def test_a_style_takes_its_level_from_the_one_it_is_based_on() -> None:
    document = docx.Document()
    style = document.styles.add_style("House heading", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Heading 2"]
    document.add_paragraph("Chapter", style="House heading")
    assert extract_docx(packed(document), Limits()).meta["headings"] == [[0, 3, "Chapter"]]


def test_deeply_nested_tables_do_not_recurse() -> None:
    depth = 60
    xml = "<w:tbl><w:tr><w:tc>" * depth + "<w:p><w:r><w:t>deep</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * depth
    assert extract_docx(with_body(xml), Limits()).text == "deep"


def test_footnotes_come_last() -> None:
    notes = (
        f"<w:footnotes {NAMESPACE}>"
        '<w:footnote w:type="separator"><w:p><w:r><w:t>-----</w:t></w:r></w:p></w:footnote>'
        "<w:footnote><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    document = docx.Document()
    document.add_paragraph("Body.")
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    part = docx.opc.part.Part(
        docx.opc.packuri.PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        notes.encode(),
        document.part.package,
    )
    document.part.relate_to(part, kind)
    assert extract_docx(packed(document), Limits()).text == "Body.\n\nA note."


def bomb(megabytes: int) -> bytes:
    return with_part(packed(docx.Document()), "word/media/zeros.bin", bytes(megabytes * 1_000_000))


def test_a_zip_bomb_is_refused_by_the_size_it_states(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    path.write_bytes(bomb(201))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(UnreadableSource, match=r"bomb.docx unpacks to over 200 MB, more than is read"):
        load(path)


def test_a_zip_bomb_is_refused_by_the_size_it_has() -> None:
    data = bomb(3)
    true_size, stated = (3_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    assert data.count(true_size) == 2  # in the part's own header and in the directory
    with pytest.raises(Refused, match="is broken"):
        check_archive(data.replace(true_size, stated), Limits())
    with pytest.raises(Refused, match="unpacks to over 2 MB"):
        check_archive(data, Limits(max_unpacked_bytes=2_000_000))


def test_what_states_too_much_is_not_unpacked_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bomb(3)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("a part was unpacked"))
    with pytest.raises(Refused, match="unpacks to over 2 MB"):
        check_archive(data, Limits(max_unpacked_bytes=2_000_000))


def test_many_parts_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for index in range(200):
            archive.writestr(f"{index}.xml", "")
    with pytest.raises(Refused, match="holds 200 parts, over the limit of 100"):
        check_archive(buffer.getvalue(), Limits(max_parts=100))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE lol [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        "<!doctype x>",
    ],
)
def test_xml_with_entities_is_refused_in_any_encoding(declaration: str, encoding: str) -> None:
    xml = f'<?xml version="1.0" encoding="{encoding}"?>{declaration}<w:document {NAMESPACE}><w:body/></w:document>'
    for name in ("word/document.xml", "word/other.bin"):
        with pytest.raises(Refused, match="declares types or entities"):
            check_archive(with_part(packed(docx.Document()), name, xml.encode(encoding)), Limits())


def test_xml_in_an_encoding_that_could_hide_a_declaration_is_refused() -> None:
    xml = '<?xml version="1.0" encoding="utf-7"?><x/>'
    with pytest.raises(Refused, match="declares types or entities"):
        check_archive(with_part(packed(docx.Document()), "word/document.xml", xml.encode()), Limits())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04 not really", "is broken"),
        (b"no zip at all", "is broken"),
        (packed(docx.Document())[:-30], "is broken"),
        (with_part(packed(docx.Document()), "[Content_Types].xml", b"<Types/>"), "is broken|no Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted, or in the old Word format"),
        (packed(docx.Document()), "holds no text"),
    ],
)
def test_what_is_no_document_says_so_in_one_line(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(data)
    with pytest.raises(UnreadableSource, match=reason) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(path))
