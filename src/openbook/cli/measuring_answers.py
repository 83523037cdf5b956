"""What ``openbook eval ask`` does: ask every question in every way that is compared, and measure what came back."""

from pathlib import Path

from openbook.answer.engine import open_engine
from openbook.answer.folder_threshold import beside, read_threshold, set_on
from openbook.cli.ask_report import Report, Thresholds, report
from openbook.cli.asked_input import Given, with_uris
from openbook.cli.asking import Asking, Way, respond
from openbook.cli.opened import Place, lock_path, opened, say_what_is_missing
from openbook.cli.progress import counted, say
from openbook.cli.screen import plural
from openbook.encode import SentenceEncoder
from openbook.encode.support import open_support
from openbook.evaluate.answers import Questions, questions
from openbook.evaluate.citations import of_scorer

USUAL = Way("asking")
OFF = (Way("no ranking anew", rerank=False), Way("no reading together", read=False))


def measure(
    place: Place,
    given: Given,
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
        wanted = with_uris(given, [document.uri for document in store.catalogue()], place.sources)
        say_what_is_missing(place, store)
        at = _thresholds(place, encoder, given, threshold)
        if given.twice:
            say(f"asked again, and counted once: {plural(given.twice, 'question')}")
        asking = Asking(store, encoder, open_support(), k, tuple(place.sources))
        found: dict[str, Questions] = {}
        for way in (USUAL, *OFF) if stages else (USUAL,):
            with counted(way.name, quiet=quiet) as on_progress:
                responses, taken = respond(asking, way, wanted, save, on_progress)
            if taken:
                say(f"{way.name}: {taken:,} of {plural(len(wanted), 'answer')} were kept in {save}")
            found[way.name] = questions(wanted, responses)
        usual = found.pop(USUAL.name)
        with counted("comparing citations", quiet=quiet) as on_progress:
            scorer = of_scorer(usual, asking.backs, on_progress)
        similarity = open_engine(encoder, pair=False).calibration.threshold
        off = {way.name: (found[way.name], at.now if way.read else similarity) for way in OFF if way.name in found}
    return report(usual, at, off, scorer, k, worst)


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
