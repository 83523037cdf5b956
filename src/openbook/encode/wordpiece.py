"""WordPiece tokens of any string: ids for the encoder, and where in the text each token stands."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.encode.folder import ModelFolder
from openbook.errors import OpenbookError

CHARACTERS_PER_TOKEN = 64
"""Only window · 64 characters of a text are looked at, so that a book costs no more than a page."""

_PIECE = 50_000
_SURROGATE = re.compile("[\ud800-\udfff]")


class WordPiece:
    """The tokenizer of a model folder. first, last: ids of [CLS] and [SEP]. Raises OpenbookError for another file."""

    def __init__(self, folder: ModelFolder) -> None:
        from tokenizers import Tokenizer

        try:
            tokenizer: Any = Tokenizer.from_file(str(folder.tokenizer))
        except Exception as error:  # the library raises bare Exception for a file it cannot read
            raise OpenbookError(f"{folder.tokenizer} is not a tokenizer: {error}") from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
        if first is None or last is None:
            raise OpenbookError(f"{folder.tokenizer} has no [CLS] and [SEP]: it belongs to another model")
        self._tokenizer, self.first, self.last, self._window = tokenizer, int(first), int(last), folder.window

    def ids(self, text: str) -> NDArray[np.int64]:
        """[CLS], the text's tokens as far as the window reaches, [SEP]: int64 (tokens,), 2 to window of them."""
        encoding = self._encode(text[: self._window * CHARACTERS_PER_TOKEN])
        return np.array([self.first, *encoding.ids[: self._window - 2], self.last], dtype=np.int64)

    def pieces(self, text: str, most: int) -> tuple[list[int], list[tuple[int, int]]]:
        """Ids of the first ``most`` tokens and where each stands, [start, end) in code points; no special tokens."""
        encoding = self._encode(text[: most * CHARACTERS_PER_TOKEN])
        return encoding.ids[:most], encoding.offsets[:most]

    def spans(self, text: str, piece: int = _PIECE) -> list[tuple[int, int]]:
        """[start, end) in code points of each token of the whole text, in order, without special tokens.

        Starts and ends never decrease. Tokens may share a span, where one character becomes several (a Hangul
        syllable). The text is taken ``piece`` characters at a time, parted at white space, which no token crosses.
        """
        return self.whole(text, piece)[1]

    def whole(self, text: str, piece: int = _PIECE) -> tuple[list[int], list[tuple[int, int]]]:
        """Ids and spans of every token, as ``spans`` gives them."""
        ids: list[int] = []
        spans: list[tuple[int, int]] = []
        start = 0
        while start < len(text):
            end = self._part(text, start, start + piece)
            encoding = self._encode(text[start:end])
            ids.extend(encoding.ids)
            spans.extend((start + left, start + right) for left, right in encoding.offsets)
            start = end
        return ids, spans

    def _encode(self, text: str) -> Any:
        # a lone surrogate is no character and has no UTF-8; U+FFFD takes its place, one for one, so positions hold
        return self._tokenizer.encode(_SURROGATE.sub("\ufffd", text), add_special_tokens=False)

    @staticmethod
    def _part(text: str, start: int, end: int) -> int:
        """Where to part: after the last white space before ``end``, or at ``end`` where there is none."""
        if end >= len(text):
            return len(text)
        space = max(text.rfind(white, start, end) for white in " \t\r\n")
        return end if space < 0 else space + 1
