"""Which kind of document a file is: by its first bytes where these are certain, else by its name."""

import re
import unicodedata
from pathlib import PurePath
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "markdown", "rst", "html", "code", "data", "pdf", "docx"]

HEAD_BYTES = 8192
"""How much of a file's beginning is looked at."""

_BY_SUFFIX: dict[str, Kind] = {
    **dict.fromkeys(".txt .text .log .tex .org .adoc .asciidoc .srt .vtt .eml .mbox .po .bib".split(), "text"),
    **dict.fromkeys(".md .markdown .mdown .mkd .mdx .qmd .rmd".split(), "markdown"),
    **dict.fromkeys(".rst .rest".split(), "rst"),
    **dict.fromkeys(".html .htm .xhtml .shtml".split(), "html"),
    **dict.fromkeys(
        ".json .jsonl .ndjson .geojson .csv .tsv .yaml .yml .toml .ini .cfg .conf .properties .env .xml .xsd .plist"
        " .ipynb .svg .lock".split(),
        "data",
    ),
    **dict.fromkeys(
        ".py .pyi .pyx .js .mjs .cjs .jsx .ts .tsx .vue .svelte .css .scss .sass .less .java .kt .kts .scala .groovy"
        " .gradle .clj .cljs .edn .c .h .cc .cpp .cxx .hh .hpp .hxx .m .mm .cs .fs .fsx .vb .go .rs .swift .dart .zig"
        " .nim .rb .erb .php .pl .pm .lua .r .jl .hs .lhs .ml .mli .elm .ex .exs .erl .hrl .lisp .el .scm .rkt .sh"
        " .bash .zsh .fish .ps1 .bat .cmd .sql .graphql .proto .thrift .cmake .mk .make .nix .tf .hcl .dockerfile .asm"
        " .s .f .f90 .f95 .for .pas .ada .adb .ads .d .v .sv .vhd .vhdl .cu .cuh .cl .glsl .hlsl .wgsl .metal .sol"
        " .vim .awk .sed .tcl .diff .patch .jinja .j2 .tmpl .bazel .bzl .y .l .idl .ino".split(),
        "code",
    ),
    ".pdf": "pdf",
    ".docx": "docx",
}
_CODE_NAMES = frozenset(
    "makefile gnumakefile dockerfile containerfile jenkinsfile vagrantfile rakefile gemfile justfile build".split()
)
_REFUSED = {
    ".rtf": "RTF is not read: save it as .docx or .txt",
    ".ps": "PostScript is not read: convert it to PDF",
    ".eps": "PostScript is not read: convert it to PDF",
    ".doc": "the old Word format is not read: save it as .docx",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_BOMS = (  # UTF-32 first: UTF-16's begins its little-endian one
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_KNOWN_BINARY = re.compile(
    rb"PK\x03\x04|PK\x05\x06|\x1f\x8b|BZh[1-9]1AY&SY|\xfd7zXZ\x00|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x28\xb5\x2f\xfd"
    rb"|\x89PNG\r\n|\xff\xd8\xff|II\*\x00|MM\x00\*|RIFF.{4}(?:WEBP|WAVE|AVI )|OggS\x00|fLaC\x00|ID3[\x03\x04]"
    rb"|GIF8[79]a.[\x00-\x1f].[\x00-\x1f]"  # with sizes below 8192 pixels: a text may begin with the format's name
    rb"|\x7fELF|SQLite format 3\x00|\x00asm|\xca\xfe\xba\xbe",
    re.DOTALL,
)
"""How archives, pictures, sound, programs and databases begin."""


class NotADocument(ValueError):
    """Why a file is no document, said without its name."""


def kind_of(path: PurePath, head: bytes) -> Kind:
    """The kind of the file of this name that begins with ``head``. Raises NotADocument, with the reason."""
    suffix = path.suffix.lower()
    if suffix in _REFUSED:
        raise NotADocument(_REFUSED[suffix])
    if head.startswith(b"%PDF-"):
        return "pdf"
    kind = _BY_SUFFIX.get(suffix)
    if kind in ("pdf", "docx"):
        if head.startswith(_OLE):
            raise NotADocument("encrypted, or in the old Word format: save it as .docx without a password")
        return kind
    if looks_binary(head):
        raise NotADocument("binary, not text")
    if kind is None and _HTML.match(head):
        return "html"
    return kind or ("code" if path.name.lower() in _CODE_NAMES or head.startswith(b"#!") else "text")


_LAYOUT = "\t\n\f\r\x1b"
_CONTROLS = bytes(set(range(32)) - set(_LAYOUT.encode()) | {127})


def looks_binary(sample: bytes) -> bool:
    """Whether bytes are no text in any encoding: too many control characters, whatever else they hold.

    Text has practically none; compressed data has 10 %, machine code more. A stray NUL in a text does no harm.
    """
    if _KNOWN_BINARY.match(sample):
        return True
    wide = next((encoding for bom, encoding in _BOMS if sample.startswith(bom)), None) or looks_utf16(sample)
    if wide:
        return _often_no_text(sample[: len(sample) // 4 * 4 or len(sample)].decode(wide, "replace"))
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > len(sample) * (0.3 if _is_utf8(sample) else 0.05)


def _often_no_text(text: str) -> bool:
    """Whether over a tenth of the characters are broken, controls or unassigned. Private ones may be a script's own."""
    odd = sum(c == "\ufffd" or (c not in _LAYOUT and unicodedata.category(c) in ("Cc", "Cn")) for c in text)
    return odd > len(text) * 0.1


def looks_utf16(sample: bytes) -> Literal["utf-16-le", "utf-16-be"] | None:
    """UTF-16 without a BOM: every second byte of Western text is NUL, and hardly any of the others is."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    pairs = len(sample) // 2
    if odd > 0.4 * pairs and even * 8 < odd:
        return "utf-16-le"
    if even > 0.4 * pairs and odd * 8 < even:
        return "utf-16-be"
    return None


def _is_utf8(sample: bytes) -> bool:
    """Valid as far as it goes: the last character may be cut."""
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and error.end == len(sample)
    return True
