"""``openbook eval judge`` at work: model and cache opened, every case judged, what it says gathered."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from openbook.cli.judge_estimate import in_words, planned
from openbook.cli.judge_input import Method, criteria_for, method_for, read_cases
from openbook.cli.judge_wanted import MOST_CALLS, Wanted, place_of
from openbook.cli.progress import counted, say
from openbook.cli.screen import plural
from openbook.cli.stopped_early import GOES_ON, over_the_context, told_at_an_interrupt
from openbook.encode.injection import SHIPPED_INJECTION, open_injection
from openbook.errors import OpenbookError
from openbook.evaluate.judge import geval, pairwise
from openbook.evaluate.judge.ask import Judge, Tally
from openbook.evaluate.judge.cache import Replies, open_replies
from openbook.evaluate.judge.case import Case
from openbook.evaluate.judge.criterion import Criterion
from openbook.evaluate.judge.defence import flags
from openbook.evaluate.judge.estimate import TIMED, Plan, seconds_left
from openbook.evaluate.judge.judgement import Judgement, Verdict
from openbook.evaluate.judge.rubric import RUBRIC, weighted_mean
from openbook.evaluate.judge.run import each

_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Judged:
    """judgements: by criterion and, of a rubric, of the whole; empty where pairs were compared, as verdicts else."""

    name: str
    method: Method
    cases: tuple[Case, ...]
    criteria: tuple[Criterion, ...]
    judgements: tuple[Judgement, ...]
    verdicts: tuple[Verdict, ...]
    tally: Tally
    cache: Path


def judged(path: Path, wanted: Wanted) -> Judged:
    """Raises OpenbookError in one line; whatever was asked by then is kept."""
    cases = read_cases(path)
    method = method_for(cases, wanted.method)
    criteria = criteria_for(cases, wanted.criteria, method)
    judgements: list[Judgement] = []
    verdicts: list[Verdict] = []
    place = place_of(wanted)
    with (
        _opened(wanted) as judge,
        told_at_an_interrupt(lambda: f"{plural(judge.tally.calls, 'new answer')} kept in {place}, {GOES_ON}"),
        over_the_context("judge shorter texts"),
    ):
        _agree(planned(judge, cases, criteria, method, wanted), wanted, judge.name)
        if wanted.own_steps:
            criteria = tuple(geval.with_steps(judge, criterion) for criterion in criteria)
        found_flags = _flags(cases, wanted.quiet)
        with counted("judging", quiet=wanted.quiet) as bar:
            progress = _with_time(bar, judge.tally, quiet=wanted.quiet)
            if method == "pairwise":
                verdicts = each(cases, criteria, lambda c, k: pairwise.compared(judge, c, k), progress)
            else:
                judgements = each(cases, criteria, lambda c, k: geval.judged(judge, c, k, wanted.samples), progress)
    judgements = [replace(one, flagged=found_flags[one.case]) for one in judgements]
    verdicts = [replace(one, flagged=found_flags[one.case]) for one in verdicts]
    if method == "rubric":
        judgements += _wholes(criteria, judgements)
    return Judged(judge.name, method, tuple(cases), criteria, tuple(judgements), tuple(verdicts), judge.tally, place)


def _agree(plan: Plan, wanted: Wanted, name: str) -> None:
    """Raises OpenbookError for more calls than are made without being told to."""
    if wanted.replay:
        return
    line = in_words(plan, wanted.prices)
    if plan.once.calls > MOST_CALLS and not wanted.yes:
        raise OpenbookError(f"{name} would be asked {line}: add --yes to go ahead")
    if plan.once.calls > TIMED and not wanted.quiet:
        say(line)


@contextmanager
def _opened(wanted: Wanted) -> Generator[Judge]:
    place = place_of(wanted)
    replies = open_replies(place, create=not wanted.replay)
    try:
        yield _replaying(wanted, replies) if wanted.replay else _asking(wanted, replies)
    finally:
        replies.close()


def _replaying(wanted: Wanted, replies: Replies) -> Judge:
    name = replies.named(wanted.model)
    if name is None:
        raise OpenbookError(f"nothing that {wanted.model} said is in {replies.path}: judge once without --replay")
    return Judge(name, None, replies)


def _asking(wanted: Wanted, replies: Replies) -> Judge:
    from openbook.generate.open import open_model

    model = open_model(wanted.model)
    replies.note(wanted.model, model.name)
    return Judge(model.name, model, replies, None if wanted.yes else MOST_CALLS)


def _flags(cases: Sequence[Case], quiet: bool) -> dict[str, tuple[str, ...]]:
    """By case, why a text of it looks like an attack."""
    detector = open_injection() if SHIPPED_INJECTION.is_dir() else None
    found: dict[str, tuple[str, ...]] = {}
    with counted("looking for attacks", quiet=quiet) as progress:
        for start in range(0, len(cases), _AT_ONCE):
            some = cases[start : start + _AT_ONCE]
            every = iter(flags([text for case in some for text in case.texts], detector))
            for case in some:
                found[case.id] = tuple(dict.fromkeys(flag for _ in case.texts for flag in next(every)))
            progress(len(found), len(cases))
    return found


def _wholes(criteria: Sequence[Criterion], scored: Sequence[Judgement]) -> list[Judgement]:
    """Of each case the rubric's weighted mean."""
    by_case: dict[str, list[Judgement]] = {}
    for judgement in scored:
        by_case.setdefault(judgement.case, []).append(judgement)
    wholes: list[Judgement] = []
    for case, own in by_case.items():
        score = weighted_mean(criteria, {j.criterion: j.score for j in own})
        first = next((j for j in own if j.unread), own[0])
        unread = first.unread, first.instead
        wholes.append(Judgement(case, RUBRIC, score, None, None, 0, *unread, flagged=own[0].flagged))
    return wholes


def _with_time(bar: Callable[[int, int], None], tally: Tally, *, quiet: bool) -> Callable[[int, int], None]:
    """The bar, and once a few calls were timed, a line that says how long the rest will take."""
    told = False

    def progress(done: int, total: int) -> None:
        nonlocal told
        bar(done, total)
        left = seconds_left(tally, done, total)
        if not told and left is not None:
            told = True
            if left > 60 and not quiet:
                say(f"about {left / 60:,.0f} minutes to go, by the first {tally.calls} calls")

    return progress
