"""A PDF written by hand, so that the tests need no program that makes them."""

from collections.abc import Sequence

Text = tuple[float, float, float, str]
"""x, y and size in points, y upwards; and the words, in Latin-1."""


def pdf_file(
    pages: Sequence[Sequence[Text]],
    *,
    title: str = "",
    outline: Sequence[tuple[str, int]] = (),
    encrypted: bool = False,
) -> bytes:
    """Helvetica on pages of 612 by 792 points. outline: titles with the page they point to, from 0."""
    objects: list[bytes] = []

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    catalogue, tree, font = add(b""), add(b""), add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids: list[int] = []
    for page in pages:
        drawn = b"".join(
            b"BT /F1 %g Tf %g %g Td (%s) Tj ET\n" % (size, x, y, _escaped(words)) for x, y, size, words in page
        )
        content = add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        kids.append(
            add(
                b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
                b" /Resources << /Font << /F1 %d 0 R >> >> >>" % (tree, content, font)
            )
        )
    objects[tree - 1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % k for k in kids))
    entries = b""
    if outline:
        root = add(b"")
        first = root + 1
        for index, (name, page) in enumerate(outline):
            siblings = b""
            if index:
                siblings += b" /Prev %d 0 R" % (first + index - 1)
            if index + 1 < len(outline):
                siblings += b" /Next %d 0 R" % (first + index + 1)
            add(
                b"<< /Title (%s) /Parent %d 0 R /Dest [%d 0 R /Fit]%s >>" % (_escaped(name), root, kids[page], siblings)
            )
        last = first + len(outline) - 1
        objects[root - 1] = b"<< /First %d 0 R /Last %d 0 R /Count %d >>" % (first, last, len(outline))
        entries = b" /Outlines %d 0 R" % root
    objects[catalogue - 1] = b"<< /Type /Catalog /Pages %d 0 R%s >>" % (tree, entries)
    trailer = b"/Root %d 0 R" % catalogue
    if title:
        trailer += b" /Info %d 0 R" % add(b"<< /Title (%s) >>" % _escaped(title))
    if encrypted:  # keys that no password fits; nothing needs to be really encrypted for a reader to have to ask
        keys = b"/O <%s> /U <%s>" % (b"41" * 32, b"42" * 32)
        trailer += b" /Encrypt %d 0 R /ID [<00> <00>]" % add(b"<< /Filter /Standard /V 1 /R 2 /P -4 %s >>" % keys)
    return _written(objects, trailer)


def paragraph(words: Sequence[str], *, top: float = 700, size: float = 12) -> list[Text]:
    """Lines below each other at the usual distance."""
    return [(72, top - 1.2 * size * index, size, line) for index, line in enumerate(words)]


def _escaped(words: str) -> bytes:
    return words.encode("latin-1").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _written(objects: Sequence[bytes], trailer: bytes) -> bytes:
    data = b"%PDF-1.4\n"
    offsets: list[int] = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return data + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        size,
        trailer,
        len(data),
    )
