"""Tokenizers side by side on a corpus: BPE and WordPiece learn from one half, and all are measured on the other.

What is counted is what a user pays: tokens, and what is lost on the way there and back.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from openbook.tokens.corpus import Text
from openbook.tokens.problems import TokenProblem
from openbook.tokens.spool import Spool
from openbook.tokens.tokenizer import Tokenizer
from openbook.tokens.train import train_bpe, train_wordpiece

LONGEST_PASSAGE = 1_000
"""Characters: a text is cut at blank lines, then at this length, and whole passages go to one half."""

MOST_REMEMBERED = 200_000
"""Passages whose half is remembered, and balanced; beyond, a hash alone decides."""

_BATCH = 256
_PASSAGE = re.compile(r"(?:.*\S.*\n?)+\s*|\s+")


@dataclass(slots=True)
class Measured:
    """Counts over the passages of a group. words: parted at white space. bytes: of UTF-8. unknown: tokens.

    changed: passages that do not come back as they were, white space aside. lost: characters that do not come back.
    """

    passages: int = 0
    words: int = 0
    characters: int = 0
    bytes: int = 0
    tokens: int = 0
    unknown: int = 0
    changed: int = 0
    lost: int = 0

    @property
    def tokens_per_word(self) -> float:
        return self.tokens / max(1, self.words)

    @property
    def bytes_per_token(self) -> float:
        return self.bytes / max(1, self.tokens)

    @property
    def unknown_rate(self) -> float:
        return self.unknown / max(1, self.tokens)

    @property
    def changed_rate(self) -> float:
        return self.changed / max(1, self.passages)

    @property
    def lost_rate(self) -> float:
        return self.lost / max(1, self.characters)

    def add(self, other: "Measured") -> None:
        for name in Measured.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Comparison:
    """By name of tokenizer: its size, and what was measured of each group and of all. learned, held: bytes."""

    sizes: dict[str, int] = field(default_factory=dict[str, int])
    groups: dict[str, dict[str, Measured]] = field(default_factory=dict[str, dict[str, Measured]])
    total: dict[str, Measured] = field(default_factory=dict[str, Measured])
    learned: int = 0
    held: int = 0


def compare(
    texts: Iterable[Text],
    size: int,
    others: Mapping[str, Tokenizer] | None = None,
    *,
    at: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Train both kinds with ``size`` pieces on one half, and measure them and the others on the other half.

    A passage that occurs again is always on the same side. at: told what is done next. Raises TokenProblem where a half
    is left without text.
    """
    with Spool() as learning, Spool() as held:
        at("reading")
        halves = _Halves()
        for passage in passages(texts):
            (learning if halves.learned(passage) else held).add(passage)
        if not learning.texts or not held.texts:
            raise TokenProblem("there is too little text to cut in halves: name documents with two paragraphs or more")
        at("training BPE")
        tokenizers = {"BPE": train_bpe(learning, size)}
        at("training WordPiece")
        tokenizers["WordPiece"] = train_wordpiece(learning, size)
        tokenizers |= others or {}
        found = Comparison(learned=learning.bytes, held=held.bytes)
        for name, tokenizer in tokenizers.items():
            at(f"measuring {name}")
            found.sizes[name] = len(tokenizer)
            found.groups[name] = measure(tokenizer, held.rows())
            found.total[name] = summed(found.groups[name].values())
        return found


def summed(parts: Iterable[Measured]) -> Measured:
    """The counts of all parts together."""
    whole = Measured()
    for part in parts:
        whole.add(part)
    return whole


def measure(tokenizer: Tokenizer, texts: Iterable[Text]) -> dict[str, Measured]:
    """Counts by group, in the order in which the groups first come."""
    found: dict[str, Measured] = {}
    rows = iter(texts)
    while batch := list(islice(rows, _BATCH)):
        for row, ids in zip(batch, tokenizer.ids_batch([row.text for row in batch]), strict=True):
            found.setdefault(row.group, Measured()).add(measured(tokenizer, row.text, ids))
    return found


def measured(tokenizer: Tokenizer, text: str, ids: Sequence[int]) -> Measured:
    """The counts of one passage."""
    back = tokenizer.decode(ids)
    written = Counter(character for character in text if not character.isspace())
    lost = written - Counter(back)
    return Measured(
        passages=1,
        words=len(text.split()),
        characters=written.total(),
        bytes=len(text.encode("utf-8", "replace")),
        tokens=len(ids),
        unknown=ids.count(tokenizer.unknown) if tokenizer.unknown is not None else 0,
        changed=int(back.split() != text.split()),
        lost=lost.total(),
    )


def passages(texts: Iterable[Text]) -> Iterator[Text]:
    """Each text in pieces that give it again: at blank lines, and where that leaves too much, at white space."""
    for text in texts:
        for block in _PASSAGE.findall(text.text):
            start = 0
            while start < len(block):
                end = start + LONGEST_PASSAGE
                if end < len(block):
                    space = max(block.rfind(white, start + 1, end) for white in " \n")
                    end = space if space > start else end
                yield Text(text.group, block[start:end])
                start = end


@dataclass(slots=True)
class _Halves:
    """Deals passages out: to the half that is behind in its group, and one that came before to the half it went to."""

    dealt: dict[bytes, bool] = field(default_factory=dict[bytes, bool])
    ahead: Counter[str] = field(default_factory=Counter[str])

    def learned(self, passage: Text) -> bool:
        text = passage.text.strip().encode("utf-8", "replace")
        digest = hashlib.sha256(text).digest()[:16]
        side = self.dealt.get(digest)
        if side is None:
            full = len(self.dealt) >= MOST_REMEMBERED
            side = digest[0] < 128 if full else self.ahead[passage.group] <= 0
            if not full:
                self.dealt[digest] = side
        self.ahead[passage.group] += len(text) if side else -len(text)
        return side
