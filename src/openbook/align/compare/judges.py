"""The judges of a bake-off: simulated annotators on supervised replies, and what is learnt from their choices.

Nothing of the true reward reaches a reward model but these choices: what it gets wrong it learnt, and was not given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from openbook.align.annotator import Annotator, annotated
from openbook.align.compare.measure import answers
from openbook.align.compare.outcome import Annotation
from openbook.align.compare.problems import Parts
from openbook.align.compare.proxies import Scale, lengths_of, scale_of
from openbook.align.compare.recipe import CompareRecipe
from openbook.align.policy import Policy
from openbook.align.preferences import Pair, checked, write_pairs
from openbook.align.task import Reward, Rollout


@dataclass(frozen=True, slots=True)
class Labelled:
    """pairs, held: how many, in ``pairs.jsonl`` and ``held.jsonl``. true: the true reward's scale on these replies."""

    pairs: int
    held: int
    true: Scale
    annotation: Annotation


def labelled(recipe: CompareRecipe, policy: Policy, parts: Parts, true: Reward, folder: Path) -> Labelled:
    """Replies of the supervised policy, compared by every annotator; written to the folder.

    To learn from, every two replies to a prompt are; those kept apart are two by two, so that no reply counts twice.
    """
    asked, key = recipe.annotators, [recipe.seed, 43]
    taught = answers(policy, parts.taught, asked.replies, recipe.longest, [*key, 0])
    held = answers(policy, parts.held, asked.replies, recipe.longest, [*key, 1])
    scale = scale_of(true(taught), lengths_of(taught))
    one = Annotator("", asked.temperature * scale.deviation, asked.flips, asked.per_token * scale.deviation)
    people = [replace(one, name=f"annotator {number + 1}") for number in range(asked.people)]
    pairs = checked(annotated(taught, true, people, [*key, 2], every=True)).pairs
    apart = checked(annotated(held, true, people, [*key, 3])).pairs
    write_pairs(folder / "pairs.jsonl", pairs)
    write_pairs(folder / "held.jsonl", apart)
    return Labelled(len(pairs), len(apart), scale, annotation(apart, held, true))


def annotation(pairs: Sequence[Pair], replies: Sequence[Rollout], true: Reward) -> Annotation:
    """How often the choices fall on the truly better reply, and on the longer one."""
    worth = true(replies)
    known = {
        (one.problem.prompt, text): (float(worth[row, place]), len(one.group.replies[place]))
        for row, one in enumerate(replies)
        for place, text in enumerate(one.texts)
    }
    ahead = np.array(
        [np.subtract(known[pair.prompt, pair.chosen], known[pair.prompt, pair.rejected]) for pair in pairs]
    ).reshape(-1, 2)
    reward, length = ahead[:, 0], ahead[:, 1]
    both = (reward != 0) & (length != 0)
    return Annotation(
        unequal=int((reward != 0).sum()),
        better=int((reward > 0).sum()),
        unlike=int((length != 0).sum()),
        longer=int((length > 0).sum()),
        both=int(both.sum()),
        true_longer=int((reward * length > 0).sum()),
    )
