"""The auditor's reading of plain text: the quote's bytes in the file's, in any encoding that is in use."""

from collections.abc import Iterator

ENCODINGS = (
    "utf-8 utf-16-le utf-16-be utf-32-le utf-32-be cp1252 latin-1 iso8859-2 iso8859-5 iso8859-7 iso8859-9 "
    "iso8859-15 cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp437 cp850 cp866 koi8-r koi8-u mac-roman "
    "mac-cyrillic tis-620 shift_jis cp932 euc_jp iso2022_jp gb18030 big5 big5hkscs cp949 euc-kr johab"
).split()
_NO_CHARACTER = "\ufffd"


def holds_bytes(data: bytes, quote: str) -> bool:
    """The quote as it would be written in any encoding, with any kind of line end."""
    for encoding in ENCODINGS:
        for end in ("\n", "\r\n", "\r"):
            try:
                if quote.replace("\n", end).encode(encoding) in data:
                    return True
            except UnicodeError:
                break
    return _NO_CHARACTER in quote and any(quote in text for text in _mended(data))


def _mended(data: bytes) -> Iterator[str]:
    """The text in each encoding, with U+FFFD for NUL and for what is no character in it: half a UTF-16 unit, say."""
    for encoding in ENCODINGS:
        text = data.decode(encoding, "replace")
        yield text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", _NO_CHARACTER)
