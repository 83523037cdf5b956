"""The auditor, by code of its own, finds all that readers read, and nothing that differs in a word, number or sign.

Each file holds something that is not shown, or is written otherwise than it reads, in the middle of a sentence.
"""

import io
import shutil
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.answer.audit import audit_citation
from openbook.documents import sentences
from openbook.documents.decode import decode
from openbook.documents.docx_text import extract_docx
from openbook.documents.html_text import extract_html
from openbook.documents.limits import Limits
from openbook.documents.pdf_text import extract_pdf
from openbook.values import Citation, Span

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DOCUMENT = (
    f'<w:document xmlns:w="{WORD}"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body><w:p>%s</w:p></w:body></w:document>'
)


@cache
def parts_of_a_document() -> dict[str, bytes]:
    """Of a document as the library makes it."""
    empty = io.BytesIO()
    docx.Document().save(empty)
    with zipfile.ZipFile(empty) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def in_docx(paragraph: str, *, few_styles: bool = False) -> bytes:
    """few_styles: ours alone, not the hundreds beside them that the library puts into each document."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as new:
        for part, content in parts_of_a_document().items():
            if part == "word/document.xml":
                new.writestr(part, DOCUMENT % paragraph)
            elif part == "word/styles.xml" and few_styles:
                new.writestr(part, f'<w:styles xmlns:w="{WORD}">{NORMAL}{STYLES}</w:styles>')
            elif part == "word/styles.xml":
                new.writestr(part, content.replace(b"</w:styles>", f"{STYLES}</w:styles>".encode()))
            else:
                new.writestr(part, content)
    return buffer.getvalue()


def in_pdf(words: bytes) -> bytes:
    """A page with these words; the byte 1 in them is the ligature of f and i."""
    drawn = b"BT /F1 12 Tf 72 700 Td (%s) Tj ET" % words
    names = b"1 beginbfchar <01> <FB01> endbfchar 1 beginbfrange <20> <7E> <0020> endbfrange"
    cmap = b"/CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange %s endcmap" % names
    fonts = b"<< /F1 5 0 R >>"
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font %s >> >>" % fonts,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>",
        b"<< /Length %d >>\nstream\nbegincmap %s\nendstream" % (len(cmap), cmap),
    ]
    data, table = b"%PDF-1.4\n", b"0000000000 65535 f \n"
    for number, body in enumerate(bodies, start=1):
        table += b"%010d 00000 n \n" % len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    trailer = b"trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(data)
    return data + b"xref\n0 7\n" + table + trailer


def verdict(path: Path, quote: str) -> str:
    return audit_citation(Citation("d", Span(0, len(quote)), quote, str(path), "line 1")).verdict


def check(path: Path, data: bytes, text: str) -> None:
    """Every sentence of the text is found in the file, and none that differs."""
    path.write_bytes(data)
    for span in sentences(text, Span(0, len(text))):
        quote = span.of(text)
        assert verdict(path, quote) == "found", quote
        assert verdict(path, quote + "!") == "missing", quote


HTML = [
    *(
        f"<{tag}> and 6</{tag}>"
        for tag in "script noscript template iframe svg button select textarea style del s strike".split()
    ),
    *("<ruby>7<rp>(</rp><rt>8</rt><rp>)</rp></ruby>", "<ruby>7<rt>8</ruby>", "<xmp>a < b &amp; <b>7</xmp>"),
    *(
        "<i hidden>6</i>",
        "<i style='Display : none'>6<br>6</i>",
        "<i role=navigation>6</i>",
        "<i hidden=''>6<b>6</b></i>",
    ),
    *(
        "<a href=#x>#</a>",
        "<a href=#x>7</a>",
        "<dialog id=d>6</dialog>",
        "<dialog open>7</dialog>",
        "<b title='>'>7</b>",
    ),
    *("<!-- > 6 -->", "<!-->7<!-- -->", "<![CDATA[6]]>", "<?php 6 ?>", "<svg/>", "<svg><path/><style/>6</svg>7"),
    *("<math><mi>x</mi><mo>&lt;</mo><mspace/><mn>7</mn></math>", "<ul><li hidden>6<li>7</ul>", "<p hidden>6<p>7"),
    *("<table><tr><td hidden>6<td>7<tr><td>8</table>", "<select><option>6<option>6</select>", "<td hidden>7</td>"),
    *("<input hidden>", "<textarea></p>6</textarea>", "&#128;&nbsp;&eacute;&shy;&#1;", "<script>'<b hidden>'</script>"),
]
RUNS = "<w:r>%s</w:r>"
NORMAL = "<w:style w:type='paragraph' w:default='1' w:styleId='Normal'><w:name w:val='Normal'/></w:style>"
STYLES = (
    "<w:style w:type='paragraph' w:styleId='Secret'><w:name w:val='Secret'/><w:rPr><w:vanish/></w:rPr></w:style>"
    "<w:style w:type='paragraph' w:styleId='Under'><w:name w:val='Under'/><w:basedOn w:val='Secret'/></w:style>"
    "<w:style w:type='paragraph' w:styleId='Open'><w:name w:val='Open'/><w:basedOn w:val='Secret'/>"
    "<w:rPr><w:vanish w:val='0'/></w:rPr></w:style>"
    "<w:style w:type='character' w:styleId='Quiet'><w:name w:val='Quiet'/><w:rPr><w:vanish/></w:rPr></w:style>"
)
IN_STYLE = "</w:p><w:p><w:pPr><w:pStyle w:val='%s'/></w:pPr><w:r>%s<w:t>%s</w:t></w:r></w:p><w:p>"
QUIET = "<w:rPr><w:rStyle w:val='Quiet'/></w:rPr>"
FIELD = (
    RUNS % "<w:fldChar w:fldCharType='begin'/>" + "%s" + RUNS % "<w:fldChar w:fldCharType='separate'/>"
    + "%s" + RUNS % "<w:fldChar w:fldCharType='end'/>"
)  # fmt: skip
DOCX = [
    *(
        RUNS % "<w:fldChar w:fldCharType='begin'/>"
        + RUNS % "<w:instrText>PAGE 6</w:instrText>"
        + RUNS % "<w:t>7</w:t>",
    ),
    *("<w:del><w:r><w:delText>6</w:delText></w:r></w:del>", "<w:ins><w:r><w:t>7</w:t></w:r></w:ins>"),
    *("<w:del><w:r><w:t>6</w:t></w:r></w:del>", "<w:moveFrom><w:r><w:t>6</w:t></w:r></w:moveFrom>"),
    *("<w:moveTo><w:r><w:t>7</w:t></w:r></w:moveTo>", RUNS % "<w:rPr><w:vanish/></w:rPr><w:t>6</w:t>"),
    RUNS % "<w:rPr><w:vanish w:val='false'/></w:rPr><w:t>7</w:t>",
    RUNS % "<w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t><w:tab/><w:t>&lt;&#233;<![CDATA[<7>]]></w:t><w:br/>",
    RUNS % "<mc:AlternateContent><mc:Choice><w:t>7</w:t></mc:Choice><mc:Fallback><w:t>6</w:t></mc:Fallback>"
    "</mc:AlternateContent>",
    "<w:fldSimple w:instr='PAGE 6'><w:r><w:t>7</w:t></w:r></w:fldSimple>",
    FIELD % (FIELD % (RUNS % "<w:instrText>IF 6</w:instrText>", RUNS % "<w:t>6</w:t>"), RUNS % "<w:t>7</w:t>"),
    FIELD % (RUNS % "<w:instrText>REF 6</w:instrText>", FIELD % ("", RUNS % "<w:t>7</w:t>") + RUNS % "<w:t>8</w:t>"),
    "<w:del>" + FIELD % ("", RUNS % "<w:t>6</w:t>") + "</w:del>",
    *(IN_STYLE % ("Secret", "", "6"), IN_STYLE % ("Under", "", "6"), IN_STYLE % ("Open", "", "7")),
    *(IN_STYLE % ("Normal", QUIET, "6"), IN_STYLE % ("Secret", QUIET, "7"), IN_STYLE % ("None", "", "7")),
    IN_STYLE % ("Secret", "<w:rPr><w:vanish w:val='0'/></w:rPr>", "7"),
    (
        "</w:p><w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p><w:r><w:t>6</w:t></w:r></w:p></w:tc></w:tr>"
        "<w:tr><w:tc><w:p><w:r><w:t>7</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p>"
    ),
]


@pytest.mark.parametrize("part", HTML)
@pytest.mark.parametrize("suffix", ["html", "xhtml"])
def test_a_page(tmp_path: Path, part: str, suffix: str) -> None:
    data = f"<!DOCTYPE html><title>An inn</title><p>The cook is Ann{part} Bee, at 5. The end.</p>".encode()
    text = extract_html(data).text
    assert "6" not in text
    check(tmp_path / f"a.{suffix}", data, text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "koi8-r"])
def test_a_page_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    words = "Вторая строка" if encoding == "koi8-r" else "Née “là”" if encoding.startswith("utf") else "Née là"
    data = f"<?xml version='1.0' encoding='{encoding}'?><html><p>{words}<b hidden>6</b> 5.</p></html>".encode(encoding)
    check(tmp_path / "a.xhtml", data, extract_html(data).text)


@given(parts=st.lists(st.sampled_from([*HTML, "Ann ", " is 5.", " The", "<b>so</b>", "<p>"]), max_size=8))
def test_pages_of_many_parts(parts: list[str]) -> None:
    data = f"<!DOCTYPE html><p>The cook {''.join(parts)} of the inn.".encode()
    with tempfile.TemporaryDirectory() as folder:
        check(Path(folder) / "a.html", data, extract_html(data).text)


@pytest.mark.parametrize("part", DOCX)
def test_a_word_document(tmp_path: Path, part: str) -> None:
    data = in_docx(f"<w:r><w:t>The cook is Ann</w:t></w:r>{part}<w:r><w:t> Bee, at 5. The end.</w:t></w:r>")
    text = extract_docx(data, Limits()).text
    assert "6" not in text
    check(tmp_path / "a.docx", data, text)


@given(parts=st.lists(st.sampled_from([*DOCX, RUNS % "<w:t>Ann is 5. The</w:t>", "</w:p><w:p>"]), max_size=8))
def test_word_documents_of_many_parts(parts: list[str]) -> None:
    data = in_docx(f"<w:r><w:t>The cook </w:t></w:r>{''.join(parts)}", few_styles=True)
    with tempfile.TemporaryDirectory() as folder:
        check(Path(folder) / "a.docx", data, extract_docx(data, Limits()).text)


@pytest.mark.parametrize("changed", ["Ann6", "Ann Bea", "at 6", "at -5", "at 5, the", "Ann + Bee"])
def test_what_differs_is_missing(tmp_path: Path, changed: str) -> None:
    (tmp_path / "a.html").write_text("<p>The cook is Ann<script>6</script> Bee, at 5. The end.</p>", encoding="utf-8")
    deleted = "<w:r><w:t>The cook is Ann</w:t></w:r><w:del><w:r><w:delText>6</w:delText></w:r></w:del>"
    (tmp_path / "a.docx").write_bytes(in_docx(f"{deleted}<w:r><w:t> Bee, at 5. The end.</w:t></w:r>"))
    assert verdict(tmp_path / "a.html", changed) == verdict(tmp_path / "a.docx", changed) == "missing"
    assert verdict(tmp_path / "a.html", "Ann Bee, at 5") == verdict(tmp_path / "a.docx", "Ann Bee, at 5") == "found"


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_a_ligature_is_its_letters(tmp_path: Path) -> None:
    data = in_pdf(b"The \x01rst of\x01ce is at 5.")
    text = extract_pdf(data, Limits()).text
    check(tmp_path / "a.pdf", data, text)
    assert "first office" in text
    assert verdict(tmp_path / "a.pdf", "The fist office") == "missing"
    assert verdict(tmp_path / "a.pdf", "office is at ⁵") == "missing"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "cp1251"])
def test_a_text_with_half_a_character(tmp_path: Path, encoding: str) -> None:
    data = "\ufeff".encode(encoding, "ignore") + "The cook is Ann\r\n Bee, at 5".encode(encoding) + b"\x98"
    text = decode(data).text
    assert text.endswith("\ufffd") or encoding == "cp1251"
    check(tmp_path / "a.txt", data, text)
    assert verdict(tmp_path / "a.txt", text.replace("5", "6")) == "missing"


XHTML = (
    '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title><script src="a.js"/></head>'
    "<body><p>%s</p></body></html>"
)


@pytest.mark.parametrize(
    ("inside", "read"),
    [
        ("The café opens at <span hidden='hidden'/>seven o'clock<br/> on weekdays.", "seven o'clock on weekdays."),
        ("<![CDATA[The kitchen closes at ten & reopens at <noon>.]]> Then all go.", "at ten & reopens at <noon>."),
    ],
)
def test_a_page_in_xml_is_read_as_xml(tmp_path: Path, inside: str, read: str) -> None:
    path = tmp_path / "page.xhtml"
    path.write_text(XHTML % inside, encoding="utf-8")
    text = extract_html(path.read_bytes()).text
    assert read in " ".join(text.split())
    quote = next(span.of(text) for span in sentences(text, Span(0, len(text))))
    assert audit_citation(Citation("x", Span(0, len(quote)), quote, str(path), "")).verdict == "found"
