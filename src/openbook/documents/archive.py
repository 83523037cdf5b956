"""Whether a zipped document may be unpacked: its parts counted, its size measured, its XML without entities."""

import codecs
import re
import zipfile
import zlib
from io import BytesIO

from openbook.documents.limits import Limits, in_megabytes
from openbook.documents.names import shown
from openbook.documents.refused import Refused

_BLOCK = 1 << 16
_ENCRYPTED = 1
_OVERLAP = 64
_XML_NAME = re.compile(r"\.(?:xml|rels)$", re.IGNORECASE)
_XML_HEAD = re.compile(rb"\s*<(?:\?xml|!)")
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.-]+)["']""")
_ALLOWED_ENCODINGS = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii", b"utf-16", b"utf-16le", b"utf-16be"})


def check_archive(data: bytes, limits: Limits) -> None:
    """Raises Refused where the archive would unpack to too much, or where its XML declares anything.

    The sizes that an archive states are checked first, then every part is unpacked piece by piece and counted: a small
    file can unpack to gigabytes, and a short entity can expand to them.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _check_parts(archive, limits)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Refused(f"is broken ({shown(str(error))}): open it in its program and save it again") from error


def _check_parts(archive: zipfile.ZipFile, limits: Limits) -> None:
    parts = archive.infolist()
    if len(parts) > limits.max_parts:
        raise Refused(f"holds {len(parts):,} parts, over the limit of {limits.max_parts:,}")
    _check_size(sum(part.file_size for part in parts), limits)
    unpacked = 0
    for part in parts:
        if part.flag_bits & _ENCRYPTED:
            raise Refused("is encrypted: save it without a password")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused("is packed in an unusual way: open it in its program and save it again")
        unpacked = _check_part(archive, part, unpacked, limits)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, unpacked: int, limits: Limits) -> int:
    is_xml = bool(_XML_NAME.search(part.filename))
    tail = b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            unpacked += len(block)
            _check_size(unpacked, limits)
            if not tail:
                is_xml = is_xml or bool(_XML_HEAD.match(_narrow(block[:200])))
            if is_xml:
                _check_xml(tail + block, is_head=not tail)
            tail = block[-_OVERLAP:]
    return unpacked


def _check_size(size: int, limits: Limits) -> None:
    if size > limits.max_unpacked_bytes:
        raise Refused(f"unpacks to over {in_megabytes(limits.max_unpacked_bytes)}, more than is read")


def _check_xml(block: bytes, *, is_head: bool) -> None:
    """Documents of this kind declare no types and no entities, and are in UTF-8 or UTF-16."""
    plain = _narrow(block)
    encoding = _ENCODING.search(plain[:400]) if is_head else None
    if _DECLARATION.search(plain) or (encoding and encoding[1].lower() not in _ALLOWED_ENCODINGS):
        raise Refused("holds XML that declares types or entities, which such documents never do")


def _narrow(data: bytes) -> bytes:
    """UTF-16 as if it were ASCII, so that one pattern finds a declaration in either."""
    return data.removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE).replace(b"\0", b"")
