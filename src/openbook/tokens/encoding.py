"""What a tokenizer makes of a text: ids, where each stands in the text, and the pieces by name."""

import re
from dataclasses import dataclass

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """One entry a token, in order of the text.

    offsets: [start, end) in code points of the text as given; tokens may share a character, where one becomes several.
    pieces: as the vocabulary writes them (``Ġthe``, ``##ing``).
    """

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]
    pieces: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)


def well_formed(text: str) -> str:
    """The text with each lone surrogate, which is no character and has no UTF-8, as U+FFFD: positions stay."""
    return _SURROGATE.sub("\ufffd", text)
