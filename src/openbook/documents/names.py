"""How a path or address is named in a message: on one line, whatever characters it holds."""

from pathlib import PurePath

_LONGEST = 300


def is_unicode(name: PurePath | str) -> bool:
    """Whether a file name is valid Unicode, so that it can be stored; undecodable bytes reach us as surrogates."""
    try:
        str(name).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def shown(name: PurePath | str) -> str:
    """One line, control characters and undecodable bytes as U+FFFD, cut in the middle where it is very long."""
    line = "".join(c if c.isprintable() else "\ufffd" for c in str(name))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]}…{line[-_LONGEST // 2 :]}"
