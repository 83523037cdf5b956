"""Documents that the tests of every store use, and what they read back."""

from collections.abc import Callable, Sequence

import numpy as np

from openbook.errors import IndexProblem
from openbook.protocols import Matrix, Store
from openbook.values import Chunk, Document, Hit

Put = Callable[..., tuple[Document, list[Chunk], Matrix]]

FRUIT = ("Apples grow on trees.", "Pears are green and sweet.", "Bananas are yellow.")
STARS = ("The sun is a star.", "Mars is red.")


def texts(store: Store, hits: Sequence[Hit]) -> list[str]:
    return [passage.text for passage in store.passages([hit.chunk_id for hit in hits])]


def whole(store: Store, document: Document, chunks: Sequence[Chunk], vectors: Matrix) -> bool:
    """Whether the store serves this document, all of it and nothing else."""
    try:
        if store.document(document.id) != document:
            return False
    except IndexProblem:
        return False
    held, rows = store.contents(document.id)
    found = store.passages([hit.chunk_id for hit in store.nearest(np.ones(vectors.shape[1], np.float32), 1000)])
    return (
        list(held) == list(chunks)
        and np.allclose(rows, vectors, rtol=1e-3, atol=1e-6)
        and sorted(p.chunk.span for p in found) == [c.span for c in chunks]
        and all(p.text == p.chunk.span.of(document.text) and p.title == document.title for p in found)
    )
