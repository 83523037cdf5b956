"""The text of tokens as they come, never half a character, and all of it together what decoding all ids gives.

A byte-level token may hold some bytes of a character only, and SentencePiece spells rare characters in tokens of one
byte each; a decoder may also treat its first token otherwise than those that follow. So each step decodes the token
with those of the step before it, and gives what is new once it is certain.
"""

from openbook.tokens import Tokenizer

_BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
_BROKEN = "\ufffd"
"""What a decoder writes for bytes that are no character, or not yet."""


class Pieces:
    """One output in the making. ``add`` gives the text that a token completes, ``rest`` what is held back."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._control = frozenset(map(tokenizer.id_of, tokenizer.control))
        spelled = all(piece in tokenizer for piece in _BYTES)
        self._bytes = frozenset(map(tokenizer.id_of, _BYTES)) if spelled else frozenset[int]()
        self._ids: list[int] = []
        self._known = 0
        """Of these ids so many have had their text given already: they are context."""

    def add(self, number: int) -> str:
        """The characters that are certain with this token; none for a control token."""
        if number in self._control:
            return ""
        self._ids.append(number)
        if number in self._bytes:  # one byte more may yet make all of a run of bytes invalid
            return ""
        new = self._new()
        if not new or new.endswith(_BROKEN):
            return ""
        del self._ids[: self._known]
        self._known = len(self._ids)
        return new

    def rest(self) -> str:
        """What the last tokens left open; afterwards nothing is."""
        new = self._new()
        self._ids, self._known = [], 0
        return new

    def alone(self, number: int) -> str:
        """The text of one token as if it came next; a control token by its name, half a character as U+FFFD."""
        context = self._ids[-1:] if self._known == len(self._ids) else []
        before = self._tokenizer.decode(context)
        both = self._tokenizer.decode([*context, number], special=True)
        return both[len(before) :] if both.startswith(before) else self._tokenizer.decode([number], special=True)

    def _new(self) -> str:
        before = self._tokenizer.decode(self._ids[: self._known])
        return self._tokenizer.decode(self._ids)[len(before) :]
