"""Every question asked of an index, however unsure the answer, and what came back as values to be measured."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from openbook.answer import AskSettings, ask
from openbook.answer.confidence import calibration_json
from openbook.answer.engine import Engine, open_engine
from openbook.answer.suspect import Guard
from openbook.answer.trace import digest
from openbook.answer.write import INSTRUCTIONS, Drafting
from openbook.cli.kept_answers import keep, kept_in
from openbook.encode import SentenceEncoder
from openbook.evaluate.asked import Cited, Response, Wanted, first_rank
from openbook.evaluate.citations import Backs, backing
from openbook.evaluate.statements import statement
from openbook.index import SearchSettings
from openbook.protocols import Store, SupportScorer
from openbook.values import Citation


@dataclass(frozen=True, slots=True)
class Way:
    """A way to answer: passages read together with the question or not, ranked anew or not."""

    name: str
    read: bool = True
    rerank: bool = True


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked, and how. k: passages looked at; within: sources; drafting: who writes the answers, if anyone;
    guard: what keeps passages from whoever writes."""

    store: Store
    encoder: SentenceEncoder
    support: SupportScorer
    k: int
    within: tuple[str, ...]
    drafting: Drafting | None = None
    guard: Guard | None = None

    @property
    def backs(self) -> Backs:
        return lambda said, texts: [found.backed for found in self.support(said, texts)]


def respond(
    asking: Asking,
    way: Way,
    wanted: Sequence[Wanted],
    save: Path | None,
    on_progress: Callable[[int, int], object],
) -> tuple[list[Response], int]:
    """A response for each question, and how many of them were kept in ``save`` before; new ones are added to it."""
    engine = open_engine(asking.encoder, pair=way.read)
    searched = SearchSettings(k=asking.k, within=asking.within)
    settings = AskSettings(searched, 0.0) if way.rerank else AskSettings(searched, 0.0, pool=asking.k)
    made_by = _made_by(asking, engine, settings)
    known = {} if save is None else kept_in(save)
    found: list[Response] = []
    taken = 0
    for done, one in enumerate(wanted, start=1):
        key = digest([made_by, one.question, one.answerable, list(one.answers), list(one.sources), list(one.quotes)])
        response = known.get(key)
        taken += response is not None
        if response is None:
            response = _response(asking, engine, settings, one)
            if save is not None:
                keep(save, key, one.question, response)
        found.append(response)
        on_progress(done, len(wanted))
    return found, taken


def _response(asking: Asking, engine: Engine, settings: AskSettings, one: Wanted) -> Response:
    started = time.perf_counter()
    answer = ask(
        asking.store,
        asking.encoder,
        engine.reader,
        engine.calibration,
        one.question,
        settings,
        engine.scorer,
        asking.drafting,
        asking.guard,
    )
    seconds = time.perf_counter() - started
    cited = tuple(_cited(sentence.text, each) for sentence in answer.sentences for each in sentence.citations)
    of_file, of_quote = first_rank(one, [(passage.uri, passage.text) for passage in answer.passages])
    said = statement(one.question, one.answers[0]) if one.answers and cited else ""
    backed = backing(said, [c.quote for c in cited], asking.backs) if said else None
    drafted = tuple(bool(sentence.citations) for sentence in answer.draft)
    return Response(answer.confidence if cited else 0.0, cited, seconds, of_file, of_quote, backed, drafted)


def _cited(said: str, citation: Citation) -> Cited:
    """said: the sentence of the answer, which is the quote itself unless a model wrote it."""
    start = citation.span.start
    marked = citation.answer
    words = said if marked is None else citation.quote[marked.start - start : marked.end - start]
    return Cited(citation.quote, citation.uri, citation.place, words)


def _made_by(asking: Asking, engine: Engine, settings: AskSettings) -> str:
    """A digest of all that decides a response beside the question."""
    store, drafting = asking.store, asking.drafting
    writer = [] if drafting is None else [drafting.writer.name, INSTRUCTIONS]
    writer += [] if asking.guard is None else [asking.guard.detector().scorer.digest]
    models = [asking.encoder.digest, asking.support.digest, engine.scorer.digest if engine.scorer else ""]
    searched = {**asdict(settings.search), "within": list(settings.search.within)}
    return digest(
        {
            "index": [store.uri, store.settings.get("uuid", ""), store.generation],
            "models": [*models, *writer],
            "calibration": calibration_json(engine.calibration),
            "settings": {"search": searched, "pool": settings.pool},
        }
    )
