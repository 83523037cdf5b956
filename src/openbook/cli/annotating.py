"""``openbook align annotate``: pairs that simulated annotators chose, for experiments whose truth is known."""

import math
from dataclasses import asdict
from pathlib import Path

import torch

from openbook.align.annotator import Annotator
from openbook.align.policy import opened
from openbook.align.preference_facts import Facts, facts_of
from openbook.align.preferences import checked, write_pairs
from openbook.align.simulate import Drawn, simulated
from openbook.align.tasks import by_name
from openbook.cli.new_folder import refuse_far
from openbook.cli.progress import counted
from openbook.cli.screen import plural
from openbook.cli.show_run import print_rows
from openbook.cli.typed import print_json
from openbook.errors import OpenbookError
from openbook.train.base import base_is_there
from openbook.train.base_folder import WRITER
from openbook.train.finetune_recipe import Base


def annotator(noise: float, flips: float, per_token: float) -> Annotator:
    """The simulated one of these options. Raises OpenbookError for one that means nothing, by the option's name."""
    if not 0 <= noise < math.inf:
        raise OpenbookError(f"--noise is {noise:g}: give 0 or more, 0 for choices that are always of the better reply")
    if not 0 <= flips <= 0.5:
        raise OpenbookError(f"--flips is {flips:g}: give a share from 0 to 0.5 of choices the wrong way round")
    if not math.isfinite(per_token):
        raise OpenbookError(f"--per-token is {per_token:g}: give a finite number")
    return Annotator("simulated", noise, flips, per_token)


def annotate(model: str, name: str, out: Path, annotator: Annotator, plan: Drawn, end: str, *, as_json: bool) -> None:
    """Write the pairs and show what they are like."""
    if out.exists():
        raise OpenbookError(f"{out} is there already: name a new file")
    refuse_far(out, "the pairs")
    task = by_name(name)
    if not base_is_there(Base(model)):
        raise OpenbookError(f"there is no model in {model}: name a policy's folder, or {WRITER}, the shipped one")
    policy = opened(Base(model), None, end, plan.seed, torch.device("cpu"))
    with counted("choosing", quiet=as_json) as progress:
        pairs = simulated(policy, task, [annotator], plan, progress)
    compared = plan.problems * (plan.replies // 2)
    equal = compared - len(pairs)
    kept = checked(pairs)
    if not kept.pairs:
        raise OpenbookError(
            "no two replies to a problem differ, so nothing was chosen: raise --problems, or name a policy that varies"
        )
    write_pairs(out, kept.pairs)
    facts = facts_of(kept.pairs)
    if as_json:
        left_out = {**kept.left_out, **({"replies were equal": equal} if equal else {})}
        print_json({"pairs": str(out), "compared": compared, "left_out": left_out, "facts": asdict(facts)})
        return
    no_choice = (("no choice, equal replies", f"{equal:,} of {plural(compared, 'comparison')}"),) if equal else ()
    rows = (*described(facts), *no_choice, *kept.notes, ("written", str(out)))
    print_rows("pairs", rows, after="")


def described(facts: Facts) -> tuple[tuple[str, str], ...]:
    """A set of preferences in rows of a table."""
    return (
        ("pairs", f"{facts.pairs:,} for {plural(facts.prompts, 'prompt')}"),
        ("mean characters", f"{facts.chosen:.0f} chosen, {facts.rejected:.0f} rejected"),
        *facts.notes,
    )
