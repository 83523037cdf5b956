"""Hard negatives: passages that our own search finds for a question and that are not the one that was asked for.

Whoever ranks what a search found has to tell apart what a search finds alike, so the negatives are mined with it (as
Karpukhin et al. 2020 do with BM25). A passage that holds the marked answer's characters is no negative.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from openbook.documents import chunk
from openbook.encode import SentenceEncoder
from openbook.heads.examples import Example
from openbook.index.search import SearchSettings, search
from openbook.index.sqlite import open_sqlite
from openbook.index.update import CHUNK_TOKENS, embedded_text
from openbook.protocols import Vector
from openbook.values import Document

FOUND = 10
"""Passages looked at for each question, best first."""


def mined(
    examples: Sequence[Example],
    encoder: SentenceEncoder,
    a_question: float,
    seed: int,
    on_progress: Callable[[int, int], object] | None = None,
) -> list[Example]:
    """``a_question`` negatives for each example on average, drawn from the first ``FOUND`` chunks of all passages.

    They are neither relevant nor answer. One index for each source, since the sources do not compete in use.
    """  # fmt: skip
    rng = np.random.default_rng(seed)
    by_source: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_source[example.source].append(example)
    negatives: list[Example] = []
    done = 0
    for members in by_source.values():
        with TemporaryDirectory() as folder:
            store, owners = _indexed(Path(folder) / "index.sqlite", members, encoder)
            for example in members:
                wanted = int(a_question + rng.random())
                if not wanted:
                    continue
                found = search(store, encoder, example.question, SearchSettings(k=FOUND)).passages
                own = owners[example.passage]
                answers = {span.of(example.passage).casefold() for span in example.spans}
                others = [
                    p for p in found
                    if p.chunk.document_id != own and not any(a in p.text.casefold() for a in answers)
                ]  # fmt: skip
                for number in rng.permutation(len(others))[:wanted]:
                    passage = others[int(number)]
                    negatives.append(
                        replace(
                            example, id=f"{example.id}#not{number}", passage=passage.text, spans=(),
                            heading=passage.chunk.heading, answerable=False, relevant=False,
                        )
                    )  # fmt: skip
                done += 1
                if on_progress:
                    on_progress(done, len(examples))
            store.close()
    return negatives


def _indexed(path: Path, examples: Sequence[Example], encoder: SentenceEncoder):
    """An index of every passage once, as ``openbook index`` would cut it; and which document each passage became."""
    store = open_sqlite(path, create={"embedder": encoder.digest, "dim": str(encoder.dim), "chunking": "heads"})
    heading = {example.passage: example.heading for example in examples}
    owners = {passage: f"{number:016x}" for number, passage in enumerate(heading)}
    documents = [Document(owners[p], f"/p/{owners[p]}", "", p, owners[p].zfill(64), {"kind": "text"}) for p in heading]
    chunks = [
        [replace(c, heading=(*heading[d.text], *c.heading)) for c in chunk(d, encoder.token_spans, CHUNK_TOKENS)]
        for d in documents
    ]
    texts = [embedded_text(c, c.span.of(d.text)) for d, cs in zip(documents, chunks, strict=True) for c in cs]
    vectors: Vector = encoder(texts)
    start = 0
    for document, pieces in zip(documents, chunks, strict=True):
        store.replace(document, pieces, vectors[start : start + len(pieces)])
        start += len(pieces)
    return store, owners
