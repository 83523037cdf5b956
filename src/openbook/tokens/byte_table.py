"""GPT-2's table of bytes as printable characters, so that merges of bytes can be written as text.

The 188 bytes that Latin-1 prints stand for themselves; the other 68 take U+0100, U+0101, ... in order, so that a space
is Ġ and a newline is Ċ (Radford et al. 2019, ``encoder.py``).
"""

_PRINTED = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
_UNPRINTED = [byte for byte in range(256) if byte not in _PRINTED]

SYMBOL_OF: dict[int, str] = {
    **{byte: chr(byte) for byte in _PRINTED},
    **{byte: chr(256 + place) for place, byte in enumerate(_UNPRINTED)},
}
"""The character that stands for each byte."""

BYTE_OF: dict[str, int] = {symbol: byte for byte, symbol in SYMBOL_OF.items()}

ALPHABET: tuple[str, ...] = tuple(sorted(BYTE_OF))
"""All 256 symbols in order of code point: the first pieces of a byte-level vocabulary."""


def to_symbols(text: str) -> str:
    """One symbol a byte of the text's UTF-8."""
    return "".join(SYMBOL_OF[byte] for byte in text.encode("utf-8"))


def to_text(symbols: str) -> str:
    """Back again; bytes that are no UTF-8 become U+FFFD, as a token may hold part of a character."""
    return bytes(BYTE_OF[symbol] for symbol in symbols).decode("utf-8", "replace")
