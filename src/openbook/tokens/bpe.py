"""Byte-level BPE, to be read: training counts pairs of bytes, encoding replays the merges by rank.

Sennrich, Haddow and Birch 2016 for the algorithm; Radford et al. 2019 for bytes as the alphabet, so that every text has
an encoding. The fast path is ``tokenizer.Tokenizer``; ids and offsets are tested equal.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from openbook.tokens import byte_table, gpt2_split
from openbook.tokens.encoding import Encoding, well_formed
from openbook.tokens.merges import Learned, Pair, Word, by_count, learn


def train(texts: Iterable[str], size: int, *, special: Sequence[str] = (), min_frequency: int = 2) -> Learned:
    """Pieces: the special ones, the 256 bytes, then one a merge until there are ``size``."""
    words: Counter[Word] = Counter()
    for text in map(well_formed, texts):
        words.update(tuple(byte_table.to_symbols(text[start:end])) for start, end in gpt2_split.spans(text))
    return learn(words, [*special, *byte_table.ALPHABET], size, score=by_count, min_frequency=min_frequency)


@dataclass(frozen=True, slots=True)
class Step:
    """The word as it stands, and the merge that is made next: its place in the word and its rank; None at the end."""

    symbols: Word
    place: int | None = None
    rank: int | None = None


def steps(symbols: Sequence[str], ranks: Mapping[Pair, int], prefix: str = "") -> Iterator[Step]:
    """Every merge of one word: of all pairs of neighbours the one learned first, of equal ones the leftmost.

    ranks: a pair to its place in the merges. The last step has no merge left: its symbols are the word's pieces.
    """
    word = list(symbols)
    while True:
        known = [(ranks[pair], at) for at, pair in enumerate(pairwise(word)) if pair in ranks]
        if not known:
            yield Step(tuple(word))
            return
        rank, at = min(known)
        yield Step(tuple(word), at, rank)
        word[at : at + 2] = [word[at] + word[at + 1].removeprefix(prefix)]


@dataclass(frozen=True, slots=True)
class ByteLevelBPE:
    """ids: each piece's id. ranks: each merge's place."""

    ids: Mapping[str, int]
    ranks: Mapping[Pair, int]

    @classmethod
    def of(cls, learned: Learned) -> "ByteLevelBPE":
        return cls(
            {piece: place for place, piece in enumerate(learned.pieces)},
            {pair: place for place, pair in enumerate(learned.merges)},
        )

    def encode(self, text: str) -> Encoding:
        """Every token's span is the characters that any of its bytes belong to."""
        text = well_formed(text)
        found: list[tuple[int, tuple[int, int], str]] = []
        for start, end in gpt2_split.spans(text):
            owners = [at for at in range(start, end) for _ in text[at].encode("utf-8")]
            *_, last = steps(byte_table.to_symbols(text[start:end]), self.ranks)
            byte = 0
            for piece in last.symbols:
                span = (owners[byte], owners[byte + len(piece) - 1] + 1)
                found.append((self.ids[piece], span, piece))
                byte += len(piece)
        ids, offsets, pieces = zip(*found, strict=True) if found else ((), (), ())
        return Encoding(ids, offsets, pieces)

    def decode(self, ids: Iterable[int]) -> str:
        """The bytes of all pieces as UTF-8; what is none becomes U+FFFD. KeyError for an id without a piece."""
        pieces = {number: piece for piece, number in self.ids.items()}
        return byte_table.to_text("".join(pieces[number] for number in ids))
