"""The main job: a question into sentences that quote their source, or an abstention with the nearest passages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version

from openbook.answer.choose import choose
from openbook.answer.cite import cite
from openbook.answer.confidence import Calibration, answer_signals, calibration_json, confidence
from openbook.answer.suspect import NEAREST, Guard, Watch, findings_json
from openbook.answer.together import read_together, reranked
from openbook.answer.trace import Recorder, candidates_json, digest, hits_json, passages_json, vector_json
from openbook.answer.works import without_works
from openbook.answer.write import Drafting, drafted, material
from openbook.errors import OpenbookError
from openbook.index.freshness import is_stale
from openbook.index.search import MAX_QUESTION, Retrieval, SearchSettings, search
from openbook.protocols import Embedder, PairScorer, Reader, Store
from openbook.values import Answer, Candidate, Document, Json, Sentence, Suspicion, Trace

_EXPLAINED = re.compile(
    r"\W*(?:why|how(?!\s+(?:many|much|long|old|far|often|tall|large|big|high|deep|fast|late|early|soon)))\b",
    re.IGNORECASE,
)
"""A question that whole sentences answer: of these no words are marked."""


@dataclass(frozen=True, slots=True)
class AskSettings:
    """threshold: least confidence that is answered; None takes the calibrated one, 0 answers whatever is found.

    pool: passages that a pair encoder reads, of which it keeps the best ``search.k``; where it is no larger than that,
    those that search found stay in search's order.
    """

    search: SearchSettings = field(default_factory=SearchSettings)
    threshold: float | None = None
    pool: int = 16


def ask(
    store: Store,
    embedder: Embedder,
    reader: Reader,
    calibration: Calibration,
    question: str,
    settings: AskSettings = AskSettings(),
    scorer: PairScorer | None = None,
    drafting: Drafting | None = None,
    guard: Guard | None = None,
) -> Answer:
    """Retrieve, rerank, read, choose, cite; below the threshold, abstain. Raises OpenbookError for a bad question.

    scorer: a pair encoder that reads question and passages together; without one, similarity alone decides. drafting:
    who writes the answer in words of its own where the documents hold one, and who checks each sentence; where none
    is backed, the documents' own sentences are the answer. guard: looks for passages that speak to a model: those with
    an attack have no part in the answer, and no writer is given any of them.
    """
    question = checked_question(question)
    threshold = calibration.threshold if settings.threshold is None else settings.threshold
    recorder = Recorder()
    generation = store.generation
    k = settings.search.k
    pool = k if scorer is None else max(k, settings.pool)
    searched = search(store, embedder, question, replace(settings.search, k=pool))
    _note_search(recorder, question, searched)
    passages = searched.passages
    if scorer is not None:
        together = read_together(scorer, question, passages)
        recorder.note("pair", [question, passages_json(passages)], passages_json(together))
        passages = reranked(together, calibration.rank, k) if pool > k else together
        recorder.note("rank", passages_json(together), passages_json(passages))
    documents = {p.chunk.document_id: store.document(p.chunk.document_id) for p in passages}
    watch = Watch(guard, passages, documents)
    found = _decided(question, reader, watch, calibration, threshold)
    candidates = found.candidates
    recorder.note("read", [question, passages_json(watch.clean)], candidates_json(candidates))
    sentences = _sentences(documents, found.chosen, marking=not _EXPLAINED.match(question))
    recorder.note("choose", [candidates_json(candidates), dict(found.signals)], [_quotes(sentences), found.sure])
    draft: tuple[Sentence, ...] = ()
    if drafting is not None and sentences:
        shown = [each for each in material(watch.clean, candidates, drafting.sentences) if watch.allowed(each.passage)]
        draft = drafted(question, shown, documents, drafting) if shown else ()
        recorder.note("write", [question, passages_json(passages)], [[s.text, s.support] for s in draft])
        sentences = tuple(sentence for sentence in draft if sentence.citations) or sentences
    suspicious = _suspicious(watch, recorder)
    return Answer(
        question,
        sentences,
        found.sure,
        not sentences,
        tuple(passages),
        tuple(d.uri for d in documents.values() if is_stale(d.uri, d.sha256)),
        Trace(
            store.uri,
            generation,
            _models(embedder, calibration, scorer, drafting, guard),
            settings_json(settings, threshold),
            tuple(recorder.stages),
        ),
        draft,
        suspicious,
    )


@dataclass(frozen=True, slots=True)
class _Decided:
    """candidates: of the passages that hold no attack, as far as was looked. chosen: none where that is not sure."""

    candidates: Sequence[Candidate]
    chosen: Sequence[Candidate]
    signals: Mapping[str, float]
    sure: float


def _decided(question: str, reader: Reader, watch: Watch, calibration: Calibration, threshold: float) -> _Decided:
    """Read, weigh and choose, anew without the passages in which an attack is found among what would be shown."""
    while True:
        passages = watch.clean
        candidates = without_works(question, reader(question, passages))
        signals = answer_signals(question, passages, candidates)
        sure = confidence(signals, calibration.confidence) if candidates else 0.0
        chosen = choose(candidates) if sure >= threshold else []
        shown = [candidate.passage for candidate in chosen] or passages[:NEAREST]
        if not watch.hostile_among(shown):
            return _Decided(candidates, chosen, signals, sure)


def _suspicious(watch: Watch, recorder: Recorder) -> tuple[Suspicion, ...]:
    """What a guard found in what it looked at."""
    if watch.guard is None:
        return ()
    if watch.guard.everything:
        watch.look(range(len(watch.passages)))
    found = watch.suspicions()
    recorder.note("guard", [passages_json(watch.passages), sorted(watch.found)], findings_json(found))
    return found


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
    searched = {**asdict(settings.search), "within": list(settings.search.within)}
    return {"search": searched, "threshold": threshold, "pool": settings.pool}


def _note_search(recorder: Recorder, question: str, found: Retrieval) -> None:
    lexical, dense, vector = hits_json(found.lexical), hits_json(found.dense), vector_json(found.vector)
    recorder.note("embed", question, vector)
    recorder.note("lexical", question, lexical)
    recorder.note("dense", vector, dense)
    recorder.note("fuse", [lexical, dense], [hits_json(found.fused), passages_json(found.passages)])


def _sentences(
    documents: Mapping[str, Document], chosen: Sequence[Candidate], *, marking: bool
) -> tuple[Sentence, ...]:
    citations = [cite(documents[c.passage.chunk.document_id], c.span, c.answer if marking else None) for c in chosen]
    return tuple(Sentence(citation.quote, (citation,), 1.0) for citation in citations)


def _quotes(sentences: Sequence[Sentence]) -> Json:
    return [[c.document_id, c.span.start, c.span.end, c.quote] for sentence in sentences for c in sentence.citations]


def _models(
    embedder: Embedder,
    calibration: Calibration,
    scorer: PairScorer | None,
    drafting: Drafting | None,
    guard: Guard | None,
) -> Mapping[str, str]:
    return {
        "encoder": embedder.digest,
        **({} if scorer is None else {"pair encoder": scorer.digest}),
        **({} if drafting is None else {"writer": drafting.writer.name, "support": drafting.support.digest}),
        **({} if guard is None else {"guard": guard.detector().scorer.digest}),
        "calibration": digest(calibration_json(calibration)),
        "onnxruntime": version("onnxruntime"),  # the same weights give other last digits in another version
    }
