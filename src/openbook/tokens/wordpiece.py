"""WordPiece, to be read: pieces learned by likelihood or by count, words cut by the longest match from the left.

Schuster and Nakajima 2012 for the score; Devlin et al. 2018 for the cut. The trainer of Hugging Face's ``tokenizers``
is named WordPiece and learns by count, as BPE does: what is trained fast here (``train.train_wordpiece``) equals
``train`` with ``by_count``. The score of the paper is ``by_likelihood``.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from openbook.tokens import bert_text
from openbook.tokens.encoding import Encoding, well_formed
from openbook.tokens.merges import Learned, Score, Word, by_likelihood, learn

PREFIX = "##"
UNKNOWN = "[UNK]"
SPECIAL = ("[PAD]", UNKNOWN, "[CLS]", "[SEP]", "[MASK]")
LONGEST_WORD = 100
"""Characters; a longer word is unknown, as in BERT."""


def train(
    texts: Iterable[str],
    size: int,
    *,
    score: Score = by_likelihood,
    special: Sequence[str] = SPECIAL,
    min_frequency: int = 2,
    lowercase: bool = True,
) -> Learned:
    """Pieces: the special ones, every character that begins or continues a word, then one a merge until ``size``."""
    counts: Counter[Word] = Counter()
    for text in map(well_formed, texts):
        counts.update(symbols(word.text) for word in bert_text.words(text, lowercase=lowercase))
    beginning = sorted({symbol.removeprefix(PREFIX) for word in counts for symbol in word})
    continuing = sorted({symbol for word in counts for symbol in word[1:]})
    pieces = list(dict.fromkeys([*special, *beginning, *continuing]))
    return learn(counts, pieces, size, score=score, min_frequency=min_frequency, prefix=PREFIX)


def symbols(word: str) -> Word:
    """Its characters, each but the first marked as continuing."""
    return (word[0], *(PREFIX + character for character in word[1:]))


@dataclass(frozen=True, slots=True)
class Match:
    """What was tried at one place of a word, longest first; the last one is in the vocabulary, unless none is."""

    start: int
    tried: tuple[str, ...]
    found: bool


def matches(word: str, vocabulary: Collection[str], prefix: str = PREFIX) -> Iterator[Match]:
    """Greedy longest match: from each place the longest piece, then from its end; ends where nothing matches."""
    start = 0
    while start < len(word):
        marked = prefix if start else ""
        tried: list[str] = []
        for end in range(len(word), start, -1):
            tried.append(marked + word[start:end])
            if tried[-1] in vocabulary:
                break
        found = tried[-1] in vocabulary
        yield Match(start, tuple(tried), found)
        if not found:
            return
        start += len(tried[-1]) - len(marked)


@dataclass(frozen=True, slots=True)
class WordPieceModel:
    """ids: each piece's id. unknown: the piece for a word that cannot be cut, or is too long."""

    ids: Mapping[str, int]
    lowercase: bool = True
    unknown: str = UNKNOWN

    def cut(self, word: str) -> tuple[str, ...]:
        """The pieces of a word. One place without a match makes all of the word unknown."""
        if len(word) > LONGEST_WORD:
            return (self.unknown,)
        found = list(matches(word, self.ids))
        return tuple(match.tried[-1] for match in found) if all(m.found for m in found) else (self.unknown,)

    def encode(self, text: str) -> Encoding:
        """A token's span reaches from its first character to its last, as they stand in the text."""
        found: list[tuple[int, tuple[int, int], str]] = []
        for word in bert_text.words(well_formed(text), lowercase=self.lowercase):
            at = 0
            pieces = self.cut(word.text)
            for piece in pieces:
                whole = piece == self.unknown and len(pieces) == 1
                length = len(word.text) if whole else len(piece) - (len(PREFIX) if at else 0)
                found.append((self.ids[piece], (word.places[at], word.places[at + length - 1] + 1), piece))
                at += length
        ids, offsets, names = zip(*found, strict=True) if found else ((), (), ())
        return Encoding(ids, offsets, names)
