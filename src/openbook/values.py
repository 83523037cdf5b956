"""What flows through everything: frozen values, each with one meaning in every room.

Positions are code points of ``Document.text``, never bytes; a quote is always a slice, never a retyped copy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range [start, end) in code points of a text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span needs 0 <= start <= end, not {self.start} and {self.end}")

    def of(self, text: str) -> str:
        """The characters of ``text`` that this span covers."""
        return text[self.start : self.end]

    def holds(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Document:
    """One source as text, normalised once when read and stored; every later position is a span of ``text``.

    id: derived from ``uri``, stable while the content changes. uri: absolute path, or the URL of a page.
    sha256: hex digest of the source's bytes, so that a changed file is noticed. meta: what the loader knows
    (``kind``, ``size``, ``headings`` as [position, level, title], ``pages`` as start positions, ...).
    """

    id: str
    uri: str
    title: str
    text: str
    sha256: str
    meta: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Chunk:
    """A view of a document, the unit of search. heading: path of titles above it; place: line, page or key."""

    document_id: str
    span: Span
    heading: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Label:
    """Where a text came from: trusted (no sources), or tainted by every outside source it derives from."""

    sources: frozenset[str] = frozenset()

    @property
    def trusted(self) -> bool:
        return not self.sources

    def join(self, other: "Label") -> "Label":
        """The label of whatever derives from both."""
        return Label(self.sources | other.sources)


TRUSTED = Label()

Role: TypeAlias = Literal["system", "user", "assistant", "tool", "document"]


@dataclass(frozen=True, slots=True)
class Part:
    """One labelled piece of a prompt; a prompt is a tuple of these, never a bare string."""

    text: str
    label: Label
    role: Role


Prompt: TypeAlias = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a language model chooses each next token, and when it stops.

    temperature: 0 takes the likeliest token always. top_k: the k likeliest alone, 0 for all. top_p: the fewest of them
    whose probabilities reach it. stop: texts that end the output and do not belong to it. alternatives: how many of the
    likeliest tokens to report at each place. schema: a JSON schema that the output is held to where the engine can; the
    caller still checks what comes. overflow: a prompt longer than the model's context is refused, or the beginning of
    its longest part slides out. min_p: only tokens at least so likely as this share of the likeliest; 0 for all.
    repetition_penalty: above 1, tokens that stand in prompt or output become less likely; 1 changes nothing. pattern: a
    regular expression that the whole output is held to, in place of a schema.
    """

    max_tokens: int = 256
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    alternatives: int = 0
    schema: Mapping[str, Json] | None = None
    overflow: Literal["refuse", "slide"] = "refuse"
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a model's output. id: its number in the vocabulary, -1 where the engine does not say.

    logprob: the natural logarithm of its probability at temperature 1, None where the engine does not say.
    alternatives: the likeliest tokens at this place as (text, logprob), best first; empty where not asked or not said.
    finish: on the last token, why no other follows: ``end`` of the text, ``stop`` text, ``max_tokens``, the ``context``
    is full, or a server's own word for it. An output of no tokens is one of no text, which says that.
    """

    id: int
    text: str
    logprob: float | None = None
    alternatives: tuple[tuple[str, float], ...] = ()
    finish: str | None = None

    @property
    def nothing(self) -> bool:
        """Whether this only says why the output ended before it began."""
        return self.finish is not None and self.id < 0 and not self.text and self.logprob is None


@dataclass(frozen=True, slots=True)
class Hit:
    """One candidate of one search stage: the store's own chunk id, and the stage's score (larger is better)."""

    chunk_id: int
    score: float


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """An answer marked in a passage: a range of the passage's own characters, and the log of its probability."""

    span: Span
    score: float


@dataclass(frozen=True, slots=True)
class PairScore:
    """What reading a question and a passage together gave: two logits, and the best answers, best first."""

    relevance: float
    no_answer: float
    spans: tuple[ScoredSpan, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """How well a passage backs a statement: a logit, whether that is enough, and the words of the passage that do."""

    score: float
    backed: bool
    evidence: Span | None


@dataclass(frozen=True, slots=True)
class Passage:
    """What search returns: a chunk, its characters, where it came from, and each stage's score for it.

    answers: what a pair encoder marked in it, best first; empty where none has read it.
    """

    chunk: Chunk
    text: str
    uri: str
    title: str
    label: Label
    signals: Mapping[str, float]
    answers: tuple[ScoredSpan, ...] = ()

    def words_at(self, span: Span) -> str:
        """The characters of a span of the document that lies within this passage."""
        start = self.chunk.span.start
        return self.text[span.start - start : span.end - start]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer: a span of the passage's document, and how well a reader thinks it does.

    signals: each part of the score, kept so that a choice can be explained and a confidence fitted. answer: the words
    within the sentence that answer, in the document, where a pair encoder marked them.
    """

    passage: Passage
    span: Span
    score: float
    signals: Mapping[str, float]
    answer: Span | None = None

    @property
    def text(self) -> str:
        return self.passage.words_at(self.span)


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact characters an answer rests on. Made only by ``openbook.answer.cite``, which slices them.

    answer: the part of ``span`` that answers in a few words, where one is known.
    """

    document_id: str
    span: Span
    quote: str
    uri: str
    place: str
    answer: Span | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, what it cites, and how well the citation supports it: a probability, 1 for a verbatim
    quote. A drafted sentence that nothing backs cites nothing.
    """

    text: str
    citations: tuple[Citation, ...]
    support: float


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What in a passage reads as meant for a model and not for a person. passage: its place among the answer's.

    span: of the document. rule: what found it; score: a detector's logit, where that decided. withheld: what did not
    get the passage: a ``writer``, or the ``answer``, which would have quoted it.
    """

    passage: int
    rule: str
    span: Span
    message: str
    score: float | None = None
    withheld: Literal["", "writer", "answer"] = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of an answer: its name and the SHA-256 of what went in and of what came out."""

    name: str
    inputs: str
    outputs: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What produced an answer: enough for ``openbook replay`` to recompute it and name the first difference."""

    index: str
    generation: int
    models: Mapping[str, str]
    settings: Mapping[str, Json]
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its evidence, or an abstention with the nearest passages.

    confidence: calibrated probability in [0, 1] that the first sentence answers. stale: uris that changed or
    disappeared since they were indexed, among those shown. draft: what a writer drafted, in its order, where one was
    asked: the sentences that cite something are the answer, the others are not backed by any passage. suspicious: what
    a guard found in the passages that it looked at: those that are quoted, given to a writer, or shown.
    """

    question: str
    sentences: tuple[Sentence, ...]
    confidence: float
    abstained: bool
    passages: tuple[Passage, ...]
    stale: tuple[str, ...]
    trace: Trace
    draft: tuple[Sentence, ...] = ()
    suspicious: tuple[Suspicion, ...] = ()
