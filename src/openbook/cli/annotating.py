"""``openbook align annotate``: pairs that simulated annotators chose, for experiments whose truth is known."""

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
from openbook.cli.show_run import print_rows
from openbook.cli.typed import print_json
from openbook.errors import OpenbookError
from openbook.train.finetune_recipe import Base


def annotate(model: Path, name: str, out: Path, annotator: Annotator, plan: Drawn, end: str, *, as_json: bool) -> None:
    """Write the pairs and show what they are like."""
    if out.exists():
        raise OpenbookError(f"{out} is there already: name a new file")
    refuse_far(out, "the pairs")
    task = by_name(name)
    policy = opened(Base(str(model)), None, end, plan.seed, torch.device("cpu"))
    with counted("choosing", quiet=as_json) as progress:
        pairs = simulated(policy, task, [annotator], plan, progress)
    kept = checked(pairs)
    if not kept.pairs:
        raise OpenbookError(
            "no two replies to a problem differ, so nothing was chosen: raise --problems, or name a policy that varies"
        )
    write_pairs(out, kept.pairs)
    facts = facts_of(kept.pairs)
    if as_json:
        print_json({"pairs": str(out), "left_out": dict(kept.left_out), "facts": asdict(facts)})
        return
    rows = (*described(facts), *kept.notes, ("written", str(out)))
    print_rows("pairs", rows, after="")


def described(facts: Facts) -> tuple[tuple[str, str], ...]:
    """A set of preferences in rows of a table."""
    rows = [
        ("pairs", f"{facts.pairs:,} for {facts.prompts:,} prompts"),
        ("mean characters", f"{facts.chosen:.0f} chosen, {facts.rejected:.0f} rejected"),
    ]
    if (longer := facts.longer_chosen) is not None:
        rows.append(("the longer is chosen", f"{longer.value:.3f} ({longer.low:.3f} to {longer.high:.3f})"))
    return tuple(rows)
