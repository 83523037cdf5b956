"""How many columns a text takes on a terminal, which characters never reach one, and how to fit it into a width."""

import unicodedata
from collections.abc import Iterator

# Controls move the cursor, surrogates cannot be encoded, bidi overrides reorder a line; U+FFFE and U+FFFF are no XML.
_NEVER_SHOWN = {"Cc", "Cs"}
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MARKS = {"Mn", "Me", "Mc", "Cf"}
_JOINTS = "-_/:.,#"  # where a name may be folded
_JOINER, _EMOJI_STYLE = "\u200d", "\ufe0f"


def shown(text: str) -> str:
    """The text as one line: white space as single spaces, and what must not be shown as U+FFFD."""
    return "".join(map(_shown_character, " ".join(text.split())))


def width(text: str) -> int:
    """Columns on a terminal: 2 for East Asian wide characters and emoji, 0 for marks and joined emoji, else 1."""
    return sum(columns for _, columns in _cells(text))


def shortened(text: str, limit: int) -> str:
    """The text, or as much of it as leaves room for … within ``limit`` columns (at least 1)."""
    return text if width(text) <= limit else _split(text, limit - 1)[0].rstrip() + "…"


def wrapped(text: str, limit: int, lines: int | None = None) -> list[str]:
    """The text over lines of at most ``limit`` columns, broken at spaces where it can be, else after a joint of a word
    (one of ``-_/:.,#``); at least one line.

    What does not fit into ``lines`` lines is replaced by … at the end of the last. limit: at least 2, the widest
    character's columns.
    """
    done: list[str] = []
    line = ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if width(candidate) <= limit:
            line = candidate
            continue
        if line:
            done.append(line)
        line = word
        while width(line) > limit:
            head, line = _folded(line, limit)
            done.append(head)
    done.append(line)
    if lines is not None and len(done) > lines:
        return [*done[: lines - 1], shortened(done[lines - 1] + " " * limit + ".", limit)]
    return done


def padded(text: str, limit: int, align: str) -> str:
    """The text with spaces up to ``limit`` columns; align: left, right or center."""
    spare = max(0, limit - width(text))
    before = {"left": 0, "right": spare, "center": spare // 2}[align]
    return " " * before + text + " " * (spare - before)


def _shown_character(character: str) -> str:
    hidden = unicodedata.category(character) in _NEVER_SHOWN or character in _REORDERING
    return "\ufffd" if hidden or character in "\ufffe\uffff" else character


def _split(text: str, limit: int) -> tuple[str, str]:
    """The longest head of at most ``limit`` columns, and the rest; a mark stays with what it marks."""
    used, end = 0, 0
    for character, columns in _cells(text):
        if used + columns > limit:
            break
        used += columns
        end += len(character)
    return text[:end], text[end:]


def _folded(word: str, limit: int) -> tuple[str, str]:
    """A head of at most ``limit`` columns that ends where the word has a joint, if that fills half of them."""
    head, rest = _split(word, limit)
    joint = max(map(head.rfind, _JOINTS)) + 1
    return (head[:joint], word[joint:]) if joint and width(head[:joint]) >= limit / 2 else (head, rest)


def _cells(text: str) -> Iterator[tuple[str, int]]:
    """Each character with the columns it adds to those before it."""
    previous, last = "", 0
    for character in text:
        if character == _EMOJI_STYLE and last == 1:
            columns = 1  # asks for the emoji form of a narrow character, which is wide
        elif previous == _JOINER:
            columns = 0  # drawn into the emoji before it
        else:
            columns = _own_columns(character)
        previous, last = character, columns
        yield character, columns


def _own_columns(character: str) -> int:
    code = ord(character)
    if character == "\xad":
        return 1
    if unicodedata.category(character) in _MARKS or 0x1160 <= code <= 0x11FF or 0x1F3FB <= code <= 0x1F3FF:
        return 0  # marks; vowels and finals of a Hangul syllable; skin tones
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
