"""The main job: a question into sentences that quote their source, or an abstention with the nearest passages."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

from openbook.answer.choose import choose
from openbook.answer.cite import cite
from openbook.answer.confidence import Calibration, answer_signals, calibration_json, confidence
from openbook.answer.trace import Recorder, candidates_json, digest, hits_json, passages_json, vector_json
from openbook.errors import OpenbookError
from openbook.index.freshness import is_stale
from openbook.index.search import MAX_QUESTION, Retrieval, SearchSettings, search
from openbook.protocols import Embedder, Reader, Store
from openbook.values import Answer, Candidate, Document, Json, Sentence, Trace


@dataclass(frozen=True, slots=True)
class AskSettings:
    """threshold: least confidence that is answered; None takes the calibrated one, 0 answers whatever is found."""

    search: SearchSettings = field(default_factory=SearchSettings)
    threshold: float | None = None


def ask(
    store: Store,
    embedder: Embedder,
    reader: Reader,
    calibration: Calibration,
    question: str,
    settings: AskSettings = AskSettings(),
) -> Answer:
    """Retrieve, read, choose, cite; below the threshold, abstain. Raises OpenbookError for an unusable question."""
    question = checked_question(question)
    threshold = calibration.threshold if settings.threshold is None else settings.threshold
    recorder = Recorder()
    generation = store.generation
    found = search(store, embedder, question, settings.search)
    _note_search(recorder, question, found)
    candidates = reader(question, found.passages)
    recorder.note("read", [question, passages_json(found.passages)], candidates_json(candidates))
    signals = answer_signals(question, found.passages, candidates)
    sure = confidence(signals, calibration.confidence) if candidates else 0.0
    chosen = choose(candidates) if sure >= threshold else []
    documents = {p.chunk.document_id: store.document(p.chunk.document_id) for p in found.passages}
    sentences = _sentences(documents, chosen)
    recorder.note("choose", [candidates_json(candidates), dict(signals)], [_quotes(sentences), sure])
    return Answer(
        question,
        sentences,
        sure,
        not sentences,
        tuple(found.passages),
        tuple(d.uri for d in documents.values() if is_stale(d.uri, d.sha256)),
        Trace(
            store.uri,
            generation,
            _models(embedder, calibration),
            settings_json(settings, threshold),
            tuple(recorder.stages),
        ),
    )


def checked_question(question: str) -> str:
    """The question without stray blanks and characters no text holds. Raises OpenbookError where none is left."""
    question = " ".join(question.encode("utf-8", "replace").decode("utf-8").replace("\0", " ").split())
    if question and not any(character.isalnum() for character in question):
        raise OpenbookError("the question has no letter or digit to look for: ask in words")
    if not question:
        raise OpenbookError('the question is empty: ask in a few words, for example "How does LoRA save memory?"')
    if len(question) > MAX_QUESTION:
        raise OpenbookError(
            f"the question has {len(question):,} characters, at most {MAX_QUESTION:,} are read: shorten it"
        )
    return question


def settings_json(settings: AskSettings, threshold: float) -> Mapping[str, Json]:
    return {"search": {**asdict(settings.search), "within": list(settings.search.within)}, "threshold": threshold}


def _note_search(recorder: Recorder, question: str, found: Retrieval) -> None:
    lexical, dense, vector = hits_json(found.lexical), hits_json(found.dense), vector_json(found.vector)
    recorder.note("embed", question, vector)
    recorder.note("lexical", question, lexical)
    recorder.note("dense", vector, dense)
    recorder.note("fuse", [lexical, dense], [hits_json(found.fused), passages_json(found.passages)])


def _sentences(documents: Mapping[str, Document], chosen: Sequence[Candidate]) -> tuple[Sentence, ...]:
    citations = [cite(documents[c.passage.chunk.document_id], c.span) for c in chosen]
    return tuple(Sentence(citation.quote, (citation,), 1.0) for citation in citations)


def _quotes(sentences: Sequence[Sentence]) -> Json:
    return [[c.document_id, c.span.start, c.span.end, c.quote] for sentence in sentences for c in sentence.citations]


def _models(embedder: Embedder, calibration: Calibration) -> Mapping[str, str]:
    return {
        "encoder": embedder.digest,
        "calibration": digest(calibration_json(calibration)),
        "onnxruntime": version("onnxruntime"),  # the same weights give other last digits in another version
    }
