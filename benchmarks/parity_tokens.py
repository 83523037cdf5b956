"""Are the token ids those of everyone else? The references, the fast path and the libraries on the same texts.

Texts: the Universal Declaration of Human Rights in 40 languages, 653 pages of documentation, WikiText-2's validation
part, Shakespeare, and random strings of every assigned character. Vocabularies: GPT-2's and BERT's own.
Writes evidence/parity_tokens.json. Run: python -m benchmarks.parity_tokens
"""

import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

from benchmarks import token_peers as peers
from benchmarks.data import read_rows
from benchmarks.publish import columns, publish
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.tokens import Encoding, bert_text, bpe, gpt2_split, train_bpe, train_wordpiece, wordpiece
from openbook.tokens.merges import by_count

TEXTS = ("udhr", "docs_markdown", "wikitext2_valid", "tinyshakespeare")
RANDOM = 20_000
SMALL, LARGE = 600, 8_000
"""Pieces learned of each language alone, and of all texts for the fast path."""

Decode = Callable[[list[int]], str]


@dataclass(slots=True)
class Row:
    """what: is compared with reference. texts, compared: how many, and how many ids (pieces, characters) in them."""

    what: str
    reference: str
    texts: int = 0
    compared: int = 0
    differing: int = 0

    def add(self, ours: Sequence[Any], theirs: Sequence[Any]) -> None:
        """Count the places at which two sequences differ, a missing end included."""
        self.texts += 1
        self.compared += max(len(ours), len(theirs))
        self.differing += sum(a != b for a, b in zip_longest(ours, theirs))


def main() -> None:
    texts = {name: [str(row["text"]) for row in read_rows(f"lm/{name}.jsonl.gz")] for name in TEXTS}
    every = [text for name in TEXTS for text in texts[name]]
    odd = peers.random_texts(RANDOM)
    rows = [
        *training(texts["udhr"], every),
        *gpt2([*every, *odd]),
        *bert(every, odd),
        *characters(),
        saved(texts["udhr"]),
    ]
    cells = [(row.what, row.reference, f"{row.texts:,}", f"{row.compared:,}", f"{row.differing:,}") for row in rows]
    note = (
        "Compared: ids, offsets or characters; for training, pieces in order of id. BERT's classes of characters are"
        f" Unicode 8's in tokenizers and {unicodedata.unidata_version}'s in this Python: characters seen otherwise are"
        " left out of the random strings where the readable path is compared; the other texts are whole. The"
        " WordPieceTrainer numbers characters in another order in each process; here it is given them in order."
    )
    names = columns("", "reference", "texts", "compared", "differing")
    figures = [
        Figure(f"{row.what}: {row.reference}", row.differing, "differing", n=row.compared, text=f"{row.differing:,}")
        for row in rows
    ]
    publish(
        "parity_tokens",
        figures,
        {"parity": Table("Token ids beside the references", names, tuple(cells), note)},
        data=[*(f"lm/{name}.jsonl.gz" for name in TEXTS), *peers.FILES],
        code=["benchmarks/token_peers.py", "src/openbook/tokens"],
        versions=peers.versions(),
    )


def training(languages: Sequence[str], every: Sequence[str]) -> Iterator[Row]:
    """Both trainers, language by language and on all texts; and WordPiece's against itself."""
    merged = Row("learned BPE, readable", "tokenizers")
    pieces = Row("learned WordPiece, readable", "fast path")
    for text in languages:
        merged.add(bpe.train([text], SMALL, special=[peers.END]).pieces, peers.library_bpe([text], SMALL))
        learned = wordpiece.train([text], SMALL, score=by_count)
        pieces.add(learned.pieces, peers.listed(train_wordpiece([text], SMALL)))
    fast = Row("learned BPE, fast", "tokenizers")
    fast.add(peers.listed(train_bpe(every, LARGE)), peers.library_bpe(every, LARGE))
    twice = Row("learned WordPiece, fast", "again, another process")
    here = f"peers.listed(__import__('openbook.tokens').tokens.train_wordpiece(texts, {LARGE}))"
    twice.add(*(peers.in_a_process(here, every) for _ in range(2)))
    theirs = Row("learned by WordPieceTrainer", "again, another process")
    theirs.add(*(peers.in_a_process(f"peers.library_wordpiece(texts, {LARGE})", every) for _ in range(2)))
    yield from (merged, fast, pieces, twice, theirs)


def gpt2(texts: Sequence[str]) -> Iterator[Row]:
    """GPT-2's vocabulary: the reference, the library alone, transformers and tiktoken."""
    model = peers.ours(peers.GPT2).definition["model"]
    reference = bpe.ByteLevelBPE(model["vocab"], {(a, b): rank for rank, (a, b) in enumerate(model["merges"])})
    yield from readable("GPT-2", peers.GPT2, reference.encode, texts)
    yield from alone("GPT-2", peers.GPT2, texts)
    tiktoken, transformers = peers.tiktoken(), peers.transformers(peers.GPT2)
    yield from fast("GPT-2", peers.GPT2, "tiktoken", tiktoken.encode_ordinary, texts, tiktoken.decode)
    yield from fast("GPT-2", peers.GPT2, "transformers", plain(transformers), texts, transformers.decode)


def bert(every: Sequence[str], odd: Sequence[str]) -> Iterator[Row]:
    """BERT's vocabulary: the reference, the library alone, and transformers' two tokenizers."""
    reference = wordpiece.WordPieceModel(peers.ours(peers.BERT).definition["model"]["vocab"])
    settled = [*every, *("".join(filter(agreed, text)) for text in odd)]
    yield from readable("BERT", peers.BERT, reference.encode, settled)
    yield from alone("BERT", peers.BERT, [*every, *odd])
    yield from fast("BERT", peers.BERT, "transformers", plain(peers.transformers(peers.BERT)), [*every, *odd])
    first = peers.transformers_in_python(peers.BERT)
    yield from fast(
        "BERT",
        peers.BERT,
        "transformers, Python",
        lambda text: first.encode(text, add_special_tokens=False, split_special_tokens=True),
        every,
    )


def plain(tokenizer: Any) -> Callable[[str], list[int]]:
    return lambda text: tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)


def readable(name: str, vocabulary: str, encode: Callable[[str], Encoding], texts: Sequence[str]) -> Iterator[Row]:
    """The reference against the fast path: ids and offsets."""
    ids, offsets = Row(f"{name} ids, readable", "fast path"), Row(f"{name} offsets, readable", "fast path")
    for text in texts:
        quick, slow = peers.ours(vocabulary).encode(text), encode(text)
        ids.add(slow.ids, quick.ids)
        offsets.add(slow.offsets, quick.offsets)
    yield from (ids, offsets)


def alone(name: str, vocabulary: str, texts: Sequence[str]) -> Iterator[Row]:
    """The fast path against the library put together by hand: ids and offsets."""
    ids, offsets = Row(f"{name} ids, fast", "tokenizers"), Row(f"{name} offsets, fast", "tokenizers")
    library = peers.library(vocabulary)
    for text in texts:
        quick, theirs = peers.ours(vocabulary).encode(text), library.encode(text, add_special_tokens=False)
        ids.add(quick.ids, theirs.ids)
        offsets.add(quick.offsets, theirs.offsets)
    yield from (ids, offsets)


def fast(
    name: str,
    vocabulary: str,
    reference: str,
    encode: Callable[[str], list[int]],
    texts: Sequence[str],
    decode: Decode | None = None,
) -> Iterator[Row]:
    """The fast path against another library: ids, and the text that both make of them."""
    ids, back = Row(f"{name} ids, fast", reference), Row(f"{name} text of ids", reference)
    for text in texts:
        found = list(peers.ours(vocabulary).encode(text).ids)
        ids.add(found, encode(text))
        if decode is not None:
            back.add(peers.ours(vocabulary).decode(found), decode(found))
    yield ids
    if decode is not None:
        yield back


def characters() -> Iterator[Row]:
    """Every character that this Python knows, between others: the words that come of it."""
    from tokenizers import pre_tokenizers

    assigned = [chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) not in ("Cn", "Cs")]
    cut: Any = pre_tokenizers.ByteLevel(add_prefix_space=False)
    gpt, words = Row("GPT-2 words, each character", "tokenizers"), Row("BERT words, each character", "tokenizers")
    for character in assigned:
        text = f"a{character}1 b"
        gpt.add([gpt2_split.spans(text)], [[span for _, span in cut.pre_tokenize_str(text)]])
        words.add([agreed(character)], [True])
    yield from (gpt, words)


def saved(texts: Sequence[str]) -> Row:
    """What is written here, read by transformers."""
    from transformers import PreTrainedTokenizerFast

    row = Row("tokenizer.json saved here", "transformers")
    made = (train_bpe(texts, LARGE), train_wordpiece(texts, LARGE), peers.ours(peers.GPT2), peers.ours(peers.BERT))
    with tempfile.TemporaryDirectory() as folder:
        for ours in made:
            path = Path(folder) / f"{ours.size}-{ours.kind}.json"
            ours.save(path)
            theirs = PreTrainedTokenizerFast(tokenizer_file=str(path))
            for text in texts:
                row.add(list(ours.encode(text).ids), plain(theirs)(text))
    return row


@cache
def agreed(character: str) -> bool:
    """Whether the library and this Python's Unicode make the same words of a character between letters."""
    from tokenizers import normalizers, pre_tokenizers

    text = f"a{character}b"
    cut: Any = pre_tokenizers.BertPreTokenizer()
    library = [word for word, _ in cut.pre_tokenize_str(normalizers.BertNormalizer().normalize_str(text))]
    return library == [word.text for word in bert_text.words(text)]


if __name__ == "__main__":
    main()
