"""The outcome as tables: what was reached, what it did to the replies, what it cost, best-of-n, the judges, the law."""

from openbook.align.compare.cells import columns, p_value, signed, spanned
from openbook.align.compare.outcome import Climb, Outcome, fall, interval, mean, share, tested, wins_tested
from openbook.align.compare.proxies import PROXY, TRUE
from openbook.align.compare.scaling import fitted
from openbook.report.tables import Table


def tables(outcome: Outcome) -> dict[str, Table]:
    """By a short name; those that have rows."""
    found = {
        "judges": _judges(outcome),
        "reached": _reached(outcome),
        "best_of": _best_of(outcome),
        "replies": _replies(outcome),
        "hacked": _hacked(outcome),
        "helps": _helps(outcome),
        "law": _law(outcome),
        "cost": _cost(outcome),
    }
    return {name: table for name, table in found.items() if table.rows}


def every(outcome: Outcome) -> tuple[Climb, ...]:
    """All climbs, those of the hacked case last."""
    return (*outcome.climbs, *outcome.hacked)


def _judges(outcome: Outcome) -> Table:
    seen = outcome.annotation
    rows = [
        (
            f"annotators ({seen.unlike:,} pairs)",
            "",
            spanned(share(seen.better, seen.unequal)),
            spanned(share(seen.longer, seen.unlike)),
        )
    ]
    rows += [
        (
            f"{one.name} ({one.taught:,} pairs)",
            spanned(share(one.right, one.pairs)),
            spanned(share(one.truly_right, one.unequal)),
            f"{signed(outcome.per_token(PROXY), 3)} a token" if one is outcome.judged[0] else "",
        )
        for one in outcome.judged
    ]
    truly = signed(share(seen.true_longer, seen.both).value)
    note = (
        "On pairs of unseen prompts. Agree: with the annotators' choice. Better: by the true reward, where it differs. "
        f"Longer: annotators choose the longer reply so often (the truly better one is the longer in {truly}); what a "
        "token more is worth to the proxy, in its standard deviations (to the true reward: "
        f"{signed(outcome.per_token(TRUE), 3)}). Wilson's 95%."
    )
    return Table(
        "Annotators, and reward models taught by them", columns("who", "agree", "better", "longer"), tuple(rows), note
    )


def _reached(outcome: Outcome) -> Table:
    tests = wins_tested(
        {climb.name: climb.end.measured.wins for climb in outcome.climbs}
        | {f"best of {one.n}": one.wins for one in outcome.best_of if one.n > 1}
    )
    rows = [
        (
            climb.name,
            f"{climb.end.kl:.1f}",
            spanned(interval(climb.end.measured.rewards["true"])),
            signed(mean(climb.end.measured.rewards["proxy"])),
            spanned(interval(climb.end.measured.wins)),
            p_value(tests[climb.name].p),
        )
        for climb in outcome.climbs
    ]
    rows += [
        (
            f"best of {one.n}",
            f"{mean(one.kl):.1f}",
            spanned(interval(one.rewards["true"])),
            signed(mean(one.rewards["proxy"])),
            spanned(interval(one.wins)),
            p_value(tests[f"best of {one.n}"].p),
        )
        for one in outcome.best_of[-1:]
        if one.n > 1
    ]
    start = outcome.supervised
    first = ("supervised", "0", spanned(interval(start.rewards["true"])), signed(mean(start.rewards["proxy"])), "", "")
    note = (
        f"{outcome.problems} problems kept from training, {outcome.replies} replies each; bootstrap over problems, "
        f"95%. Budget of every training: {outcome.budget:,} replies. KL: nats a reply from the supervised policy. "
        "Proxy: in its standard deviations over supervised replies. Wins: against supervised replies, by true reward, "
        "a tie half. p: half; paired randomisation, Holm over the rows."
    )
    names = ("method", "KL", "true reward", "proxy", "wins", "p")
    return Table("Where each method ended", columns(*names), (first, *rows), note)


def _best_of(outcome: Outcome) -> Table:
    rows = tuple(
        (
            f"{one.n}",
            f"{one.analytic:.2f}",
            f"{mean(one.kl):.2f}",
            spanned(interval(one.rewards["true"])),
            signed(mean(one.rewards["proxy"])),
            spanned(interval(one.wins)),
            f"{mean(one.length):.1f}",
        )
        for one in outcome.best_of
    )
    note = (
        "KL, nats: log n − (n−1)/n, which holds where no reply comes twice, and as measured on the drawn replies. "
        "Nothing is trained; each answer costs n replies."
    )
    names = ("n", "KL", "measured", "true reward", "proxy", "wins", "length")
    return Table("Best of n by the proxy", columns(*names), rows, note)


def _replies(outcome: Outcome) -> Table:
    rows = [("supervised", outcome.supervised)] + [(climb.name, climb.end.measured) for climb in every(outcome)]
    shown = tuple(
        (
            name,
            spanned(interval(one.length), 1),
            f"{mean(one.different):.2f}",
            f"{mean(one.distinct_1):.2f}",
            f"{mean(one.distinct_2):.2f}",
            f"{mean(one.entropy):.2f}",
        )
        for name, one in rows
    )
    note = (
        "Length: tokens. Different: share of a problem's replies that are. distinct-n: share of its n-grams of words "
        "that are (Li et al. 2016), which falls with length alone. Entropy: nats a token."
    )
    names = ("method", "length", "different", "distinct-1", "distinct-2", "entropy")
    return Table("What became of the replies", columns(*names), shown, note)


def _hacked(outcome: Outcome) -> Table:
    start = outcome.supervised.rewards
    rows = tuple(
        (
            climb.name,
            f"{climb.end.kl:.1f}",
            signed(mean(climb.end.measured.rewards[climb.climbs]) - mean(start[climb.climbs]), 1),
            signed(mean(climb.end.measured.rewards["proxy"]) - mean(start["proxy"]), 1),
            spanned(interval(climb.end.measured.rewards["true"])),
        )
        for climb in outcome.hacked
    )
    note = (
        "At the end of each run. Climbed, proxy: what was gained in the reward that the run climbs, and in the one "
        "reward model, in standard deviations over supervised replies. True reward: of the supervised policy "
        f"{spanned(interval(start['true']))}."
    )
    return Table("A proxy that is climbed too far", columns("run", "KL", "climbed", "proxy", "true reward"), rows, note)


def _helps(outcome: Outcome) -> Table:
    ends = {climb.name: climb.end.measured.rewards["true"] for climb in outcome.hacked}
    first = outcome.hacked[0].name if outcome.hacked else ""
    others = {name: end for name, end in ends.items() if name != first}
    tests = tested(others, ends[first]) if others else {}
    rows: list[tuple[str, ...]] = []
    for climb in outcome.hacked:
        fell = fall(climb)
        dropped = (signed(fell.true.difference), p_value(fell.true.p_value)) if fell else ("none", "")
        test = tests.get(climb.name)
        rows.append((climb.name, *dropped, *((signed(test.difference), p_value(test.p)) if test else ("", ""))))
    note = (
        "Fell: the true reward from its highest checkpoint, which one half of the problems chose, to the end, on the "
        "other half. Against: the true reward at the end, against the first row's. p: no difference; paired "
        "randomisation, against: Holm over the rows."
    )
    return Table("Where it fell, and what helped", columns("run", "fell", "p", "against", "p"), tuple(rows), note)


def _law(outcome: Outcome) -> Table:
    began = mean(outcome.supervised.rewards["true"])
    fits = [
        (
            climb.name,
            [p.distance for p in climb.points],
            [mean(p.measured.rewards["true"]) - began for p in climb.points],
            True,
        )
        for climb in every(outcome)
    ]
    if outcome.best_of:
        gains = [mean(one.rewards["true"]) - mean(outcome.best_of[0].rewards["true"]) for one in outcome.best_of]
        fits.append(("best of n", [mean(one.kl) ** 0.5 for one in outcome.best_of], gains, False))
    laws = {name: fitted(d, gain, logarithmic=logarithmic) for name, d, gain, logarithmic in fits}
    rows = tuple(
        (name, signed(law.alpha), signed(law.beta, 3), f"{law.explained:.2f}", f"{law.points}")
        for name, law in laws.items()
        if law is not None
    )
    without = ", ".join(name for name, law in laws.items() if law is None)
    note = (
        "d = √KL; what the true reward gained, as d (α − β log d) for training and d (α − β d) for best of n (Gao et "
        "al. 2023, eq. 1 and 2), by least squares over the points. R²: share of the variance explained; few points, "
        "one run."
    )
    if without:
        note += f" Not fitted, with fewer than three points away from the start, or all of one reward: {without}."
    return Table("The law of over-optimisation", columns("method", "α", "β", "R²", "points"), rows, note)


def _cost(outcome: Outcome) -> Table:
    rows = tuple(
        (
            climb.name,
            f"{climb.end.step:,}",
            f"{climb.end.replies:,}",
            f"{climb.end.seconds:.1f}",
            f"{climb.memory / 1e6:,.0f}",
            climb.stopped or "budget spent",
        )
        for climb in every(outcome)
    )
    note = (
        "Seconds of training, without measuring. Memory: MB, the most that the process held, Python and torch included."
    )
    names = ("method", "steps", "replies", "seconds", "MB", "ended")
    return Table("What it cost", columns(*names), rows, note)
