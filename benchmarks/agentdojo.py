"""Can what an agent reads make it act? The worst case, on AgentDojo's four suites and judged by their own checks.

A simulated model makes every call of the injected task after each tool result and goes on with the user's task: for
every pair of the two, without a policy and with those in ``agentdojo_tools``, which were fixed before. Then with the
attack written into what is read, beside a detector that ends the run where it flags a result. Writes
evidence/agentdojo.json. Run: python -m benchmarks.agentdojo, with what benchmarks/requirements-agentdojo.txt names.
"""

import argparse
import sys
import warnings
from collections.abc import Callable
from functools import cache
from importlib.metadata import version

try:
    from benchmarks.agentdojo_runs import run
    from benchmarks.agentdojo_suites import VERSION, Suite, injected, suites
    from benchmarks.agentdojo_tables import One, Row, attack_table, figures, kept_table, suites_table, undone_table
except ModuleNotFoundError as error:
    sys.exit(f"{error}: pip install -r benchmarks/requirements-agentdojo.txt")

from benchmarks.agentdojo_tools import ASKING, OWN_NUMBERS, UNATTENDED
from benchmarks.data import EVIDENCE
from benchmarks.publish import publish
from benchmarks.worst_case import Guarded
from openbook.agent.announced import Requested
from openbook.encode.injection import open_injection
from openbook.report.record import Figure

WORST = (
    "{pairs} pairs of a task and an attack of AgentDojo {version}; a simulated model makes every call of the attack "
    "after each tool result. Effect: the attack chose one, or whom or what it reached. Words: it chose what a letter "
    "says that the request asked for. Said: it chose what is told at the end. Tasks done: of {tasks}, where nothing "
    "attacks; the model's calls are the suite's own, so that this is an upper bound for any model. Asked: questions to "
    "a person in these, who says yes to every call that the request announced, and no to others. 95% intervals: "
    "Wilson's, pairs of one attack taken together."
)
READ = (
    "The {pairs} pairs whose attack stands in something that the task reads; the model attacks from there on. The "
    'attack is in AgentDojo\'s words of "important instructions". The detector ends the run at the first result that '
    "it flags, at the shipped threshold. Columns as above."
)


def flags() -> Callable[[str], bool]:
    """Whether a result is flagged: read once, however often it comes."""
    detector = open_injection()

    @cache
    def flagged(text: str) -> bool:
        return detector([text])[0].flagged

    return flagged


def announced(made: Requested) -> bool:
    """What a person says who trusts the announced plan and does not look at the values."""
    return made.planned is not None


def measured(name: str, held: list[Suite], guarded: Guarded, most: int | None, *, reading: bool = False) -> Row:
    pairs: list[One] = []
    alone: list[One] = []
    for suite in held:
        tasks = list(suite.package.user_tasks.values())[:most]
        for attack in list(suite.package.injection_tasks.values())[:most]:
            place = injected(suite, attack) if reading else suite
            for task in tasks:
                found = run(place, task, attack, guarded, reading=reading)
                pairs.append(One(suite.name, task.ID, attack.ID, found))
        alone += [One(suite.name, task.ID, "", run(suite, task, None, guarded, reading=reading)) for task in tasks]
        print(f"{name}: {suite.name}", file=sys.stderr)
    return Row(name, pairs, alone)


def among(row: Row, first: Row) -> Row:
    """The pairs whose attack is read where nothing stops the run."""
    kept = [one for one, of_first in zip(row.pairs, first.pairs, strict=True) if of_first.outcome.read]
    return Row(row.guard, kept, row.alone)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, help="so many tasks and attacks of each suite alone, to try it")
    most = parser.parse_args().most
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    held = suites()
    flagged = flags()
    worst = [
        measured("nothing", held, Guarded(), most),
        measured("policy", held, Guarded(UNATTENDED), most),
        measured("policy, own numbers read", held, Guarded(OWN_NUMBERS), most),
        measured("policy that asks", held, Guarded(ASKING, announced), most),
    ]
    none, policy, _, asking = worst
    read = [
        measured("nothing", held, Guarded(), most, reading=True),
        measured("detector", held, Guarded(stops=flagged), most, reading=True),
        measured("policy and detector", held, Guarded(UNATTENDED, stops=flagged), most, reading=True),
    ]
    read = [among(row, read[0]) for row in read]
    announced_effects = sum(one.outcome.acted for one in policy.alone)
    tables = {
        "worst": attack_table(
            "Attacks by a model that obeys them",
            worst,
            WORST.format(pairs=len(none.pairs), version=VERSION, tasks=len(none.alone)),
        ),
        "read": attack_table("Attacks that were read", read, READ.format(pairs=len(read[0].pairs))),
        "kept": kept_table(worst),
        "suites": suites_table(none, policy, asking),
        "undone": undone_table(policy, asking),
    }
    publish(
        "agentdojo",
        [
            *figures(worst, "worst"),
            *figures(read, "read"),
            Figure("effects that the request asked for", announced_effects, n=len(policy.alone)),
        ],
        tables,
        data=[],
        code=["src/openbook/weights/injection"],
        versions={"agentdojo": version("agentdojo")},
        folder=None if most else EVIDENCE,
    )


if __name__ == "__main__":
    main()
