"""The text of a PDF, page by page."""

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pypdfium2

from openbook.documents.decode import normalise
from openbook.documents.extracted import Extracted
from openbook.documents.limits import Limits
from openbook.documents.pdf_lines import MAX_TITLE, Line, breaks, continues, levels_by_size, line_of_title
from openbook.documents.refused import Refused
from openbook.values import Json

_HYPHENS = ("\x02", "\ufffe")
"""What pdfium puts for a hyphen at the end of a line, and for the line end with it."""

_LINE = re.compile("[^\r\n\x02\ufffe]+")
_MAX_OUTLINE = 5_000
_JUNK_TITLES = ("microsoft word", "microsoft powerpoint", "untitled", "slide 1")
_JUNK_ENDINGS = (".doc", ".docx", ".tex", ".dvi", ".indd", ".pdf", ".qxd", ".rtf", ".odt", ".ppt", ".pptx", ".fm")


@dataclass(slots=True)
class _Layout:
    """pages: their lines. level: of each line as a heading, or 0. unplaced: outline titles by page that no line has."""

    pages: list[list[Line]]
    level: list[list[int]]
    unplaced: dict[int, list[tuple[int, str]]] = field(default_factory=dict[int, list[tuple[int, str]]])


def extract_pdf(data: bytes, limits: Limits) -> Extracted:
    """Raises Refused where it is broken, encrypted or too long.

    Meta: ``pages`` (start positions), ``headings`` (from the outline, else by size), ``lost_pages`` where some are
    broken. Hyphens at line ends stay: whether one belongs to the word, nobody knows.
    """
    try:
        pdf: Any = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise Refused("is encrypted: save it without a password") from error
        raise Refused(f"is a broken PDF ({error}): print it to a new PDF, or repair it with qpdf") from error
    pages: list[list[Line]] = []
    lost: list[Json] = []
    characters = 0
    for index in range(len(pdf)):
        try:
            pages.append(_lines(pdf, index))
        except pypdfium2.PdfiumError:
            pages.append([])
            lost.append(index + 1)
        characters += sum(len(line.text) + 1 for line in pages[-1])
        if characters > limits.max_characters:
            raise Refused(f"holds over {limits.max_characters:,} characters of text: split it")
    by_size = levels_by_size(pages)
    layout = _by_outline(pdf, pages) or _Layout(pages, by_size)
    text, meta = _assemble(layout)
    title = _title(pdf) or _largest(pages[0], by_size[0]) if pages else None
    return Extracted(text, title, {**meta, "lost_pages": lost} if lost else meta)


def _lines(pdf: Any, index: int) -> list[Line]:
    """The page's lines inside its crop box; placed where pdfium's two ways of counting characters agree."""
    page = pdf[index]
    textpage = page.get_textpage()
    try:
        text = textpage.get_text_bounded()
        is_placed = textpage.count_chars() == len(text)
        lines: list[Line] = []
        for match in _LINE.finditer(text):
            if match[0].strip():
                bottom, height = _place(textpage, match) if is_placed else (0.0, 0.0)
                hyphen = "-" if match.end() < len(text) and text[match.end()] in _HYPHENS else ""
                lines.append(Line(normalise(match[0].strip()) + hyphen, bottom, height))
        return lines
    finally:
        textpage.close()
        page.close()


def _place(textpage: Any, match: re.Match[str]) -> tuple[float, float]:
    """Bottom and height of a line, the middle ones of three characters: the first may be a raised number."""
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    end = match.start() + len(match[0].rstrip()) - 1
    boxes = [textpage.get_charbox(at, loose=True) for at in (start, (start + end) // 2, end)]
    return sorted(box[1] for box in boxes)[1], max(0.0, sorted(box[3] - box[1] for box in boxes)[1])


def _by_outline(pdf: Any, pages: list[list[Line]]) -> _Layout | None:
    """Headings as the outline has them, each at the line that carries its title; None without an outline."""
    layout = _Layout(pages, [[0] * len(page) for page in pages])
    page_before, line_after, found = -1, 0, False
    for item in islice(pdf.get_toc(max_depth=6), _MAX_OUTLINE):
        destination = item.get_dest()
        page: int | None = destination.get_index() if destination else None
        title = " ".join(normalise(item.get_title()).split())[:MAX_TITLE]
        if page is None or not 0 <= page < len(pages) or not title:
            continue
        found = True
        line = line_of_title(pages[page], title, line_after if page == page_before else 0)
        if line is None:
            layout.unplaced.setdefault(page, []).append((item.level + 1, title))
        else:
            layout.level[page][line] = item.level + 1
            page_before, line_after = page, line + 1
    return layout if found else None


def _assemble(layout: _Layout) -> tuple[str, dict[str, Json]]:
    """Lines joined by line ends, paragraphs, headings and pages by blank lines. A heading may have several lines."""
    pieces: list[str] = []
    length = 0
    starts: list[Json] = []
    headings: list[Json] = []
    above, level_above = "", 0
    for page, (lines, levels) in enumerate(zip(layout.pages, layout.level, strict=True)):
        begins = breaks(lines)
        if begins:
            begins[0] = not continues(above, lines[0].text)
        starts.append(length)
        for line, level, is_new in zip(lines, levels, begins, strict=True):
            gap = ("\n\n" if is_new or level != level_above else "\n") if pieces else ""
            pieces += (gap, line.text)
            length += len(gap)
            if line is lines[0]:
                starts[-1] = length
                headings += [[length, *title] for title in layout.unplaced.get(page, [])]
            if level and gap == "\n" and headings:
                headings[-1] = [headings[-1][0], level, f"{headings[-1][2]} {line.text}"]  # pyright: ignore
            elif level:
                headings.append([length, level, line.text])
            length += len(line.text)
            above, level_above = line.text, level
    return "".join(pieces), {"pages": starts, "headings": headings}


def _largest(page: list[Line], levels: list[int]) -> str | None:
    """The heading in the largest type on the first page."""
    headings = [(level, line.text) for level, line in zip(levels, page, strict=True) if level]
    return min(headings, key=lambda h: h[0])[1] if headings else None


def _title(pdf: Any) -> str | None:
    """The title in the metadata, unless a program filled it in."""
    title = normalise(pdf.get_metadata_value("Title")).strip()
    lower = title.lower()
    return None if lower.startswith(_JUNK_TITLES) or lower.endswith(_JUNK_ENDINGS) else title
