"""What ``openbook eval ask`` does: ask every question in every way that is compared, and measure what came back."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typer

from openbook.answer.engine import open_engine
from openbook.answer.folder_threshold import beside, read_threshold, set_on
from openbook.answer.suspect import Guard
from openbook.answer.write import Drafting
from openbook.cli.ask_report import Report, Thresholds, report
from openbook.cli.asked_input import Given, with_uris
from openbook.cli.asked_quotes import check_quotes, say_unheld
from openbook.cli.asking import Asking, Way, respond
from openbook.cli.opened import Place, lock_path, opened, say_what_is_missing
from openbook.cli.progress import counted, say
from openbook.cli.screen import plural
from openbook.encode import SentenceEncoder
from openbook.encode.injection import open_injection
from openbook.encode.support import open_support
from openbook.errors import OpenbookError
from openbook.evaluate.answers import Questions, questions
from openbook.evaluate.asked import Wanted
from openbook.evaluate.citations import of_scorer
from openbook.index.location import below
from openbook.protocols import Store

USUAL = Way("asking")
OFF = (Way("no ranking anew", rerank=False), Way("no reading together", read=False))


@dataclass(slots=True)
class Count:
    """Answers so far, of how many."""

    done: int
    of: int


def measure(
    place: Place,
    given: Given,
    drafting: Drafting | None,
    *,
    k: int,
    threshold: float | None,
    stages: bool,
    worst: int,
    save: Path | None,
    update: bool,
    quiet: bool,
) -> Report:
    """See ``openbook eval ask``. Says on standard error what a reader of the figures must know of them."""
    with opened(place, fresh=update) as (store, encoder):
        wanted = _wanted(place, store, given, quiet=quiet, drafts=drafting is not None)
        say_what_is_missing(place, store)
        at = _thresholds(place, encoder, given, threshold)
        if given.twice:
            say(f"asked again, and counted once: {plural(given.twice, 'question')}")
        support = open_support() if drafting is None else drafting.support
        guard = None if drafting is None else Guard(cache(open_injection))
        asking = Asking(store, encoder, support, k, tuple(place.sources), drafting, guard)
        ways = (USUAL, *OFF) if stages else (USUAL,)
        with _told_what_is_kept(Count(0, len(wanted) * len(ways)), save) as count:
            found = {way.name: _asked(asking, way, wanted, save, count, quiet=quiet) for way in ways}
            usual = found.pop(USUAL.name)
            with counted("comparing citations", quiet=quiet) as on_progress:
                scorer = of_scorer(usual, asking.backs, on_progress)
        similarity = open_engine(encoder, pair=False).calibration.threshold
        off = {way.name: (found[way.name], at.now if way.read else similarity) for way in OFF if way.name in found}
    writer = "" if drafting is None else drafting.writer.name
    return report(usual, at, off, scorer, writer=writer, k=k, worst=worst)


def _wanted(place: Place, store: Store, given: Given, *, quiet: bool, drafts: bool) -> list[Wanted]:
    """What is asked, with the documents that are named; refused where a source or a quote is not in them.

    drafts: a model words the answers, so that they need not stand in a document.
    """
    known = [
        document
        for document in store.catalogue()
        if not place.sources or any(below(document.uri, source) for source in place.sources)
    ]
    wanted = with_uris(given, [document.uri for document in known], place.sources)
    with counted("looking up quotes", quiet=quiet) as on_progress:
        whole = (store.document(document.id) for document in known)
        unheld = check_quotes(wanted, given.where, whole, lambda read: on_progress(read, len(known)))
    if unheld and not drafts:
        say_unheld(unheld)
    return wanted


def _asked(
    asking: Asking, way: Way, wanted: list[Wanted], save: Path | None, count: Count, *, quiet: bool
) -> Questions:
    with counted(way.name, quiet=quiet) as on_progress:

        def noted(done: int, total: int) -> None:
            count.done += 1
            on_progress(done, total)

        responses, taken = respond(asking, way, wanted, save, noted)
    if taken:
        say(f"{way.name}: {taken:,} of {plural(len(wanted), 'answer')} were kept in {save}")
    return questions(wanted, responses)


@contextmanager
def _told_what_is_kept(count: Count, save: Path | None) -> Generator[Count]:
    """One line on what an interrupt or a fault, as of the model's server, leaves."""
    try:
        yield count
    except (KeyboardInterrupt, OpenbookError) as stopped:
        interrupted = isinstance(stopped, KeyboardInterrupt)
        done = f"{count.done:,} of {plural(count.of, 'answer')}"
        if count.done and save is None:
            say(f"stopped after {done}, and none is kept without --save FILE.jsonl")
        elif count.done:
            say(f"stopped: {done} kept in {save}, the same command goes on from there")
        elif interrupted:
            say("stopped before the first answer")
        if interrupted:
            raise typer.Exit(130) from None
        raise


def _thresholds(place: Place, encoder: SentenceEncoder, given: Given, threshold: float | None) -> Thresholds:
    calibration = open_engine(encoder).calibration
    if threshold is not None:
        return Thresholds(threshold, "as given", calibration.threshold)
    own = read_threshold(beside(lock_path(place)), calibration)
    if own is None:
        return Thresholds(calibration.threshold, "as shipped", calibration.threshold)
    seen = set_on(own, [one.question for one in given.wanted])
    if seen:
        say(
            f"this folder's threshold was set on {seen:,} of these {plural(len(given.wanted), 'question')}: it looks "
            "better on them than on new ones, so go by the threshold set on the other half"
        )
    return Thresholds(own.threshold, "this folder's", calibration.threshold, seen)
