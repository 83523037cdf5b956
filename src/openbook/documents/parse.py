"""Bytes of a known kind to a document."""

import hashlib
import importlib.util
from dataclasses import replace

from openbook.documents.extracted import Extracted
from openbook.documents.kinds import Kind, looks_binary
from openbook.documents.limits import Limits
from openbook.documents.refused import Refused
from openbook.errors import MissingExtra, UnreadableSource
from openbook.values import Document, Json

_EXTRA_MODULES = {"pdf": ("pypdfium2", "reading PDF"), "docx": ("docx", "reading Word documents")}
_BINARY = "is binary, not text"
_MAX_TITLE = 200
_MOSTLY = 0.3
"""A text with a larger part of U+FFFD was no text."""


def parse(
    data: bytes, kind: Kind, *, uri: str, name: str, file_name: str, declared: str | None, limits: Limits, **meta: Json
) -> Document:
    """The document that ``data`` holds. name: what messages call it; file_name: its title if the content has none.

    Raises UnreadableSource where there is no text or a limit is passed, MissingExtra where a parser is not installed.
    """
    try:
        extracted = _extract(data, kind, declared, limits)
        _check_text(extracted.text, kind, limits)
    except Refused as error:
        raise UnreadableSource(f"{name} {error}") from error
    key = hashlib.sha256(uri.encode("utf-8")).hexdigest()[:16]
    digest = hashlib.sha256(data).hexdigest()
    facts: dict[str, Json] = {"kind": kind, "size": len(data), **extracted.meta, **meta}
    document = Document(key, uri, file_name, extracted.text, digest, facts)
    return replace(document, title=_title(extracted.title, document) or file_name)


def _check_text(text: str, kind: Kind, limits: Limits) -> None:
    if not text.strip():
        raise Refused("holds no text" + (": it may be a scan, run OCR on it first" if kind == "pdf" else ""))
    if len(text) > limits.max_characters:
        raise Refused(f"holds over {limits.max_characters:,} characters of text: split it")
    if text.count("\ufffd") > _MOSTLY * len(text):
        raise Refused(_BINARY)


def _extract(data: bytes, kind: Kind, declared: str | None, limits: Limits) -> Extracted:
    if kind in _EXTRA_MODULES:
        module, feature = _EXTRA_MODULES[kind]
        if importlib.util.find_spec(module) is None:
            raise MissingExtra(feature, "docs")
    if kind in ("pdf", "docx", "html"):
        from openbook.documents.child import extract_apart

        return extract_apart(kind, data, declared, limits)
    from openbook.documents.decode import declared_in, decode

    if looks_binary(data):  # all of it: an installer may begin as a script
        raise Refused(_BINARY)
    decoded = decode(data, declared or (declared_in(data) if kind in ("code", "data") else None))
    return Extracted(decoded.text, None, {"encoding": decoded.encoding})


def _title(stated: str | None, document: Document) -> str:
    """The title that the content states, else its first heading, on one line."""
    title = " ".join((stated or "").split())
    if not title:
        from openbook.documents.outline import first_title

        title = first_title(document)
    return title[:_MAX_TITLE]
