"""The few seams that really have several sides."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.values import Candidate, Chunk, Decoding, Document, Hit, PairScore, Passage, Prompt, Support, Token

Vector: TypeAlias = NDArray[np.float32]
"""(dim,), unit length."""

Matrix: TypeAlias = NDArray[np.float32]
"""(rows, dim), unit rows."""


class Embedder(Protocol):
    """Texts in, unit vectors out. A text's vector depends on that text alone, never on its neighbours."""

    @property
    def dim(self) -> int: ...

    @property
    def digest(self) -> str:
        """SHA-256 of the weights and settings: vectors of different digests are never compared."""
        ...

    def __call__(self, texts: Sequence[str]) -> Matrix: ...


class Store(Protocol):
    """Documents, their chunks and vectors at rest; lexical and vector candidates out. SQLite and Milvus."""

    @property
    def uri(self) -> str:
        """How to open it again: ``sqlite:PATH`` or ``milvus:URI``."""
        ...

    @property
    def generation(self) -> int:
        """A number that grows with every change, so that what was derived from an older state is known."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """What the index was made with (embedder digest, dim, chunking); fixed when it is created."""
        ...

    def note_origin(self, identity: str) -> None:
        """Keep in the setting ``copy_of`` which index this is a copy of; of all settings this one alone may change."""
        ...

    def replace(self, document: Document, chunks: Sequence[Chunk], vectors: Matrix) -> None:
        """Put this document in the place of any former one of its id, all or nothing."""
        ...

    def forget(self, document_id: str) -> None: ...

    def lexical(self, query: str, k: int, within: Sequence[str] = ()) -> Sequence[Hit]:
        """At most k chunks by BM25, best first. ``query`` is a person's words, never operators.

        within: only chunks of documents that are these uris or lie below them; empty for all.
        """
        ...

    def nearest(self, vector: Vector, k: int, within: Sequence[str] = ()) -> Sequence[Hit]:
        """At most k chunks by inner product, best first, exact; ``within`` as in ``lexical``."""
        ...

    def passages(self, chunk_ids: Sequence[int]) -> Sequence[Passage]:
        """The chunks of these ids in this order, with empty signals."""
        ...

    def catalogue(self) -> Sequence[Document]:
        """Every document without its text (``text`` is empty), by uri."""
        ...

    def document(self, document_id: str) -> Document:
        """The whole document. Raises IndexProblem where there is none of this id."""
        ...

    def contents(self, document_id: str) -> tuple[Sequence[Chunk], Matrix]:
        """The document's chunks in order, and their vectors, row by row."""
        ...

    def counts(self) -> Mapping[str, int]:
        """How many ``documents`` and ``chunks`` the index holds, and what else the store can count."""
        ...

    def close(self) -> None: ...


class Reader(Protocol):
    """Passages in, candidate sentences out, best first: the seam where a trained reader fits."""

    def __call__(self, question: str, passages: Sequence[Passage]) -> Sequence[Candidate]: ...


class PairScorer(Protocol):
    """A question read together with each passage: relevance, no-answer, and where the answer stands."""

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides a score."""
        ...

    def __call__(
        self, question: str, passages: Sequence[str], headings: Sequence[Sequence[str]] | None = None
    ) -> Sequence[PairScore]: ...


class SupportScorer(Protocol):
    """A statement read together with each passage: does the passage back it?"""

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides a score."""
        ...

    def __call__(self, statement: str, passages: Sequence[str]) -> Sequence[Support]: ...


class LanguageModel(Protocol):
    """A prompt of labelled parts in, tokens out, one by one."""

    @property
    def name(self) -> str:
        """What answers, for a trace and a cache: equal names give equal output for equal prompts and decoding, as far
        as the engine can promise it."""
        ...

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
        """The last token says why no other follows, where the engine knows.

        Raises OpenbookError in one line where the model cannot be reached or the prompt does not fit.
        """
        ...


class Writer(Protocol):
    """A language model that drafts an answer. Nothing it says is believed: each sentence is checked by itself."""

    @property
    def name(self) -> str:
        """What wrote, for the trace: the model and its settings."""
        ...

    def __call__(self, prompt: Prompt) -> str:
        """Raises PromptTooLong where the prompt is more than it can read; with fewer passages it is asked again."""
        ...
