"""Ways of answering that ``openbook rate`` compares, each written as what it changes of ``openbook ask``.

plain                       as ``openbook ask`` answers
model=writer                as ``openbook ask --model writer``
k=3,no-rerank               as ``openbook ask -k 3 --no-rerank``
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from openbook.answer import AskSettings
from openbook.answer import ask as answer_question
from openbook.answer.engine import Engine, open_engine
from openbook.answer.folder_threshold import beside, read_threshold
from openbook.answer.suspect import Guard
from openbook.cli.drafting import drafting_with
from openbook.cli.opened import Place, lock_path
from openbook.encode import SentenceEncoder
from openbook.encode.injection import open_injection
from openbook.errors import OpenbookError
from openbook.index import SearchSettings
from openbook.json_lines import shortened
from openbook.protocols import Store
from openbook.values import Answer

PLAIN = "plain"
MOST_PASSAGES = 100

Answering = Callable[[str], Answer]


@dataclass(frozen=True, slots=True)
class Way:
    """The options of ``openbook ask`` that decide what it answers. name: as it was written."""

    name: str
    k: int = 8
    threshold: float | None = None
    rerank: bool = True
    read: bool = True
    guard: bool = True
    model: str | None = None


def read_way(said: str) -> Way:
    """Raises OpenbookError for what no way is written as."""
    way = Way(said.strip())
    for setting in said.split(","):
        way = _with(way, setting.strip(), said)
    return way


def two_ways(said: Sequence[str]) -> tuple[Way, Way]:
    """One is held against plain. Raises OpenbookError for more than two, and for two that are alike."""
    read = [read_way(each) for each in said]
    if len(read) > 2:
        raise OpenbookError(f"{len(read)} ways are named and two are compared: give --way once or twice")
    first, second = (Way(PLAIN), *read)[-2:]
    if replace(first, name=second.name) == second:
        raise OpenbookError(f"--way {shortened(second.name)!r} answers as the other way does: name one that differs")
    return first, second


def _with(way: Way, setting: str, said: str) -> Way:
    name, _, value = setting.partition("=")
    try:
        match name:
            case "plain" if not value:
                return way
            case "no-rerank" | "no-read" | "no-guard" if not value:
                return replace(way, **{name.removeprefix("no-"): False})
            case "k" if 1 <= int(value) <= MOST_PASSAGES:
                return replace(way, k=int(value))
            case "threshold" if 0.0 <= float(value) <= 1.0:
                return replace(way, threshold=float(value))
            case "model" if value:
                return replace(way, model=value)
            case _:
                pass
    except ValueError:
        pass
    raise OpenbookError(
        f"--way {shortened(said)!r} is not understood at {shortened(setting)!r}: write plain, or settings of "
        f"`openbook ask` with commas between them: model=writer, k=1 to {MOST_PASSAGES}, threshold=0 to 1, no-rerank, "
        "no-read, no-guard"
    )


def answering(ways: Sequence[Way], place: Place, store: Store, encoder: SentenceEncoder) -> list[Answering]:
    """A function from a question to an answer for each way. Models are opened here, before anything is asked."""
    engines = {read: open_engine(encoder, pair=read) for read in {way.read for way in ways}}
    guard = Guard(cache(open_injection))
    return [_answering(way, place, store, encoder, engines[way.read], guard) for way in ways]


def _answering(
    way: Way, place: Place, store: Store, encoder: SentenceEncoder, engine: Engine, guard: Guard
) -> Answering:
    own = None if way.threshold is not None else read_threshold(beside(lock_path(place)), engine.calibration)
    least = way.threshold if own is None else own.threshold
    searched = SearchSettings(k=way.k, within=tuple(place.sources))
    settings = AskSettings(searched, least) if way.rerank else AskSettings(searched, least, pool=way.k)
    drafting = None if way.model is None else drafting_with(way.model)
    watching = guard if way.guard else None
    return lambda question: answer_question(
        store, encoder, engine.reader, engine.calibration, question, settings, engine.scorer, drafting, watching
    )
