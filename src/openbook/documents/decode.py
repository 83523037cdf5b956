"""Bytes to text: a BOM, a declaration, strict UTF-8, then detection; odd bytes never raise.

The text is normalised here, once: line ends to ``\\n``, the BOM away, NUL and lone surrogates to U+FFFD. Nothing else
changes, so that a quote is made of the source's own characters.
"""

import codecs
import re
from dataclasses import dataclass

from openbook.documents.kinds import looks_utf16

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose BOM begins it
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DETECTABLE: list[str] = [
    *"cp1252 cp932 euc_jp gb18030 big5hkscs cp949".split(),
    *"cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 iso8859_2 koi8_r koi8_u cp866 tis_620".split(),
]
"""What an undeclared text may turn out to be, by Python's names, the likeliest first."""

# only plain character sets may be declared: Python also knows codecs that unescape or compress
_DECLARABLE = frozenset(
    "utf-8 ascii iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-11"
    " iso8859-13 iso8859-14 iso8859-15 iso8859-16 cp437 cp850 cp852 cp855 cp857 cp858 cp862 cp864 cp866 cp874 cp932"
    " cp949 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8-r koi8-t koi8-u mac-roman mac-cyrillic"
    " mac-greek mac-latin2 ptcp154 tis-620 big5 big5hkscs gbk gb18030 hz johab euc_kr euc_jp euc_jis_2004 iso2022_jp"
    " shift_jis_2004".split()
)
_SAMPLE_BYTES = 16_384
_SURROGATES = re.compile("[\ud800-\udfff]")
_VALID_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UTF8_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_HTML_CHARSET = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.-]{2,40})["']""", re.IGNORECASE)
_COOKIE = re.compile(rb"(?:[^\n]*\n)?[ \t\f]*(?:#|//|;|%|/\*|\")[^\n]{0,80}?coding[:=][ \t]*([\w.-]{2,40})")  # PEP 263


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and the name of the encoding that it was in."""

    text: str
    encoding: str


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Always succeeds: bytes that fit no encoding become U+FFFD. declared: what a header or the text itself names."""
    text, encoding = _decode(data, declared)
    return Decoded(normalise(text.removeprefix("\ufeff")), encoding)


def normalise(text: str) -> str:
    """Line ends to ``\\n``, NUL and lone surrogates to U+FFFD."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\0", "\ufffd")
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def declared_in(head: bytes) -> str | None:
    """The encoding that the beginning of an HTML, XML or source file names, in HTML's, XML's or Python's way."""
    for pattern, search in ((_XML_ENCODING, False), (_COOKIE, False), (_HTML_CHARSET, True)):
        match = pattern.search(head[:2048]) if search else pattern.match(head[:2048])
        if match:
            return match[1].decode("ascii", "replace")
    return None


def _decode(data: bytes, declared: str | None) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace"), encoding.removesuffix("-sig")
    wide = looks_utf16(data[:_SAMPLE_BYTES])
    if wide:  # before UTF-8, for which such text would pass, with many NULs
        return data.decode(wide, "replace"), wide
    for encoding in (*_named(declared), "utf-8"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    text = data.decode("utf-8", "replace")
    genuine = data.count(b"\xef\xbf\xbd")
    # a surrogate, which UTF-8 forbids, is three broken bytes but speaks for UTF-8 all the same
    broken = text.count("\ufffd") - genuine - 3 * len(_UTF8_SURROGATE.findall(data))
    if len(_VALID_UTF8.findall(data)) - genuine > broken:
        return text, "utf-8"  # for the most part
    encoding = _detect(data)
    return data.decode(encoding, "replace"), encoding


def _named(declared: str | None) -> list[str]:
    """The declared encoding where it can be meant, as browsers read it: Latin-1 is windows-1252 in practice."""
    try:
        name = codecs.lookup(declared or "").name
    except (LookupError, ValueError):  # unknown, or no name at all
        return []
    if name == "iso8859-1":
        return ["cp1252", "iso8859-1"]
    if name == "gb2312":
        return ["gb18030"]
    if name == "shift_jis":
        return ["cp932"]
    return [name] if name in _DECLARABLE else []


_CLEAN = 0.1
"""Differences in mess, as charset-normalizer rates it, that say nothing in a short text."""

_ALIKE = 0.05
"""The same of how like a language it is."""


def _detect(data: bytes) -> str:
    """The most plausible encoding of bytes that are not UTF-8, judged by a sample of the lines that tell."""
    from charset_normalizer import from_bytes

    sample = _telling(data)
    if sum(byte >= 0x80 for byte in sample) < 4:
        return "cp1252"  # too little to judge by: the web's default
    matches = from_bytes(sample, cp_isolation=DETECTABLE, enable_fallback=False)
    if not matches:
        return "cp1252"
    # about as clean and as like a language happens often (Spanish as windows-1257): then the commoner encoding
    cleanest = min(int(m.chaos / _CLEAN) for m in matches)
    clean = [m for m in matches if int(m.chaos / _CLEAN) == cleanest]
    likest = max(m.coherence for m in clean)
    alike = [m.encoding for m in clean if m.coherence >= likest - _ALIKE]
    return codecs.lookup(min(alike, key=DETECTABLE.index)).name


def _telling(data: bytes) -> bytes:
    """Whole lines with bytes beyond ASCII, up to a bound: a cut inside a character would mislead."""
    sample = bytearray()
    end = 0
    while len(sample) < _SAMPLE_BYTES and (match := _BEYOND_ASCII.search(data, end)):
        start = max(end, data.rfind(b"\n", end, match.start()) + 1)
        end = data.find(b"\n", match.end()) + 1 or len(data)
        sample += data[start : min(end, start + _SAMPLE_BYTES)]
    cut = max(sample.rfind(b" "), sample.rfind(b"\n"))
    return bytes(sample[:cut] if len(sample) >= _SAMPLE_BYTES and cut > len(sample) // 2 else sample)
