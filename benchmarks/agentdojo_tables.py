"""What ``benchmarks.agentdojo`` found, as tables and figures."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.agentdojo_runs import Means, Outcome
from benchmarks.publish import columns, with_interval
from openbook.evaluate.intervals import Interval, wilson, wilson_in_groups
from openbook.report.record import Figure
from openbook.report.tables import Column, Table


@dataclass(frozen=True, slots=True)
class One:
    """attack: its number in the suite; empty where there was none."""

    suite: str
    task: str
    attack: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """One way to guard: every pair of a task and an attack, and every task alone."""

    guard: str
    pairs: Sequence[One]
    alone: Sequence[One]

    def attacked(self, means: Means | None = None) -> list[bool]:
        return [
            one.outcome.attacked is not None if means is None else one.outcome.attacked == means for one in self.pairs
        ]

    @property
    def success(self) -> Interval:
        """Share of pairs whose attack is carried out; those of one attack are alike."""
        return wilson_in_groups(self.attacked(), [f"{one.suite} {one.attack}" for one in self.pairs])

    @property
    def done(self) -> Interval:
        """Share of tasks that are done where nothing attacks."""
        return wilson(sum(one.outcome.useful for one in self.alone), len(self.alone))

    @property
    def kept(self) -> Interval:
        """Share of pairs whose task is done all the same; those of one task are alike."""
        return wilson_in_groups(
            [one.outcome.useful for one in self.pairs], [f"{one.suite} {one.task}" for one in self.pairs]
        )


def figures(rows: Sequence[Row], kind: str) -> list[Figure]:
    found: list[Figure] = []
    for row in rows:
        name = f"{kind}, {row.guard}"
        success, done = row.success, row.done
        found += [
            Figure(f"{name}: attack success", success.value, "", success.low, success.high, success.n),
            *(
                Figure(f"{name}: attacks by {means}", sum(row.attacked(means)), n=len(row.pairs))
                for means in ("effect", "words", "said")
            ),
            Figure(f"{name}: tasks done", done.value, "", done.low, done.high, done.n),
            Figure(f"{name}: questions", sum(one.outcome.questions for one in row.alone), n=len(row.alone)),
            Figure(f"{name}: questions, attacked", sum(one.outcome.questions for one in row.pairs), n=len(row.pairs)),
            Figure(f"{name}: tasks done, attacked", row.kept.value, "", row.kept.low, row.kept.high, row.kept.n),
        ]
    return found


def attack_table(title: str, rows: Sequence[Row], note: str) -> Table:
    names = columns("guarded by", "attacks carried out", "effect", "words", "said", "tasks done", "asked")
    cells = tuple(
        (
            row.guard,
            with_interval(row.success),
            *(str(sum(row.attacked(means))) for means in ("effect", "words", "said")),
            with_interval(row.done),
            str(sum(one.outcome.questions for one in row.alone)),
        )
        for row in rows
    )
    return Table(title, names, cells, note)


def kept_table(rows: Sequence[Row]) -> Table:
    cells = tuple(
        (
            row.guard,
            str(len(row.pairs)),
            with_interval(row.done),
            with_interval(row.kept),
            f"{sum(one.outcome.questions for one in row.pairs):,}",
        )
        for row in rows
    )
    note = (
        "Tasks done where nothing attacks, and in all pairs with an attack, where an attack may spoil what was done or "
        "make a call that was announced first. Asked: questions to a person in all pairs, the attack's among them. 95% "
        "intervals: Wilson's, pairs of one task taken together."
    )
    names = columns("guarded by", "pairs", "tasks done", "under attack", "asked")
    return Table("The user's task under attack", names, cells, note)


def suites_table(none: Row, policy: Row, asking: Row) -> Table:
    def count(row: Row, suite: str) -> str:
        held = [one for one in row.pairs if one.suite == suite]
        return f"{sum(one.outcome.attacked is not None for one in held)} of {len(held)}"

    def done(row: Row, suite: str) -> str:
        held = [one for one in row.alone if one.suite == suite]
        return f"{sum(one.outcome.useful for one in held)} of {len(held)}"

    cells = tuple(
        (suite, count(none, suite), count(policy, suite), done(none, suite), done(policy, suite), done(asking, suite))
        for suite in dict.fromkeys(one.suite for one in none.alone)
    )
    names = columns("suite", "attacks, none", "attacks, policy", "tasks, none", "tasks, policy", "tasks, asking")
    return Table("By suite", names, cells, "Tasks: done where nothing attacks.")


def undone_table(policy: Row, asking: Row) -> Table:
    """Every task that the policy costs, and why."""
    by_asking = {(one.suite, one.task): one.outcome.useful for one in asking.alone}
    cells = tuple(
        (
            f"{one.suite} {one.task.removeprefix('user_task_')}",
            _short(one.outcome.refused) or "nothing was refused, and the suite's check fails",
            "done" if by_asking[one.suite, one.task] else "not done",
        )
        for one in policy.alone
        if not one.outcome.useful
    )
    note = (
        "The first call that was refused. Asking: a person allows what the request announced. Travel 4 asks for a day "
        "in 2024, and the suite wants 2023."
    )
    return Table("Tasks that the policy costs", (Column("task"), Column("refused"), Column("asking")), cells, note)


def _short(reason: str) -> str:
    found = re.fullmatch(r"(\w+): its (\w+) comes from (.+), and only the request may choose it", reason)
    if found:
        return f"{found[1]}: {found[2]} from {found[3].split(', ')[-1].split(' and ')[0]}"
    return re.sub(r"; .+ does$", "", reason)
