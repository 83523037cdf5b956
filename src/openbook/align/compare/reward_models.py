"""The reward models of a bake-off: each learnt from the annotators' choices, and tried on pairs kept from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openbook.align import reward_model
from openbook.align.compare.measure import answers
from openbook.align.compare.outcome import Judged
from openbook.align.compare.proxies import Scale, lengths_of, scale_of
from openbook.align.compare.recipe import CompareRecipe
from openbook.align.dpo_recipe import PairData
from openbook.align.pair_tokens import group_of
from openbook.align.policy import Policy
from openbook.align.preferences import read_pairs
from openbook.align.reward_head import rewards
from openbook.align.reward_recipe import Loss, RewardRecipe
from openbook.align.reward_run import run
from openbook.align.task import Problem, Reward, Rollout, Task
from openbook.train.answers import PLACE
from openbook.train.recipe import Optimiser, Out, Schedule, Train
from openbook.train.watch import Watch

SCALED_ON = 64
"""Problems whose supervised replies make a reward's scale."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A reward model, the folder of which is ``model_of`` its stage's."""

    judged: Judged
    scale: Scale


@dataclass(frozen=True, slots=True)
class Lesson:
    """What all reward models are taught and tried with. folder: of the pairs. some: supervised replies for a scale."""

    recipe: CompareRecipe
    task: Task
    policy: Policy
    held: Sequence[Problem]
    folder: Path
    some: Sequence[Rollout]


def model_of(stage: Path) -> Path:
    return stage / "run" / "model"


def some_replies(recipe: CompareRecipe, policy: Policy, taught: Sequence[Problem]) -> list[Rollout]:
    """Of the supervised policy, to problems of the training part."""
    return answers(policy, taught[:SCALED_ON], recipe.annotators.replies, recipe.longest, [recipe.seed, 47])


def taught(lesson: Lesson, number: int, stage: Path, told: Callable[[float], None]) -> Taught:
    """The reward model of this number, 0 the first. Raises KeyboardInterrupt where a person stops it."""
    recipe, plan = lesson.recipe, lesson.recipe.proxy
    wanted = RewardRecipe(
        base=recipe.base,
        out=Out(str(stage / "run"), log_every=max(1, plan.steps // 20), evaluate_every=0, keep=1),
        end=recipe.end,
        optimiser=Optimiser(rate=plan.rate, weight_decay=0.0),
        schedule=Schedule(kind="cosine", warmup=min(10, plan.steps), floor=0.05),
        train=Train(
            steps=plan.steps, batch=plan.batch, seed=recipe.seed * 1000 + number, device=recipe.device,
            threads=recipe.threads,
        ),
        data=PairData(str(lesson.folder / "pairs.jsonl"), validation=0.0),
        reward=Loss(by_prompt=True),
    )  # fmt: skip
    watch = Watch(lambda _: None, lambda step: told(step / plan.steps), lambda _: None)
    if not run(wanted, watch, lambda _: None).finished:
        raise KeyboardInterrupt
    scorer = reward_model.load(model_of(stage), lesson.policy.model.embedding.weight.device)
    worth: Reward = reward_model.as_reward(scorer, lesson.policy.tokenizer)
    return Taught(
        judged(lesson, scorer, f"reward model {number + 1}"),
        scale_of(worth(lesson.some), lengths_of(lesson.some)),
    )


def judged(lesson: Lesson, scorer: reward_model.RewardModel, name: str) -> Judged:
    """On the pairs kept apart: how often it is of the annotators' mind, and of the truth's."""
    pairs = read_pairs(lesson.folder / "held.jsonl")
    problems = {one.prompt: one for one in lesson.held}
    worth = rewards(scorer, [group_of(lesson.policy, pair, PLACE) for pair in pairs]).reshape(-1, 2)
    ahead = worth[:, 0] - worth[:, 1]
    truly = [
        lesson.task.reward(problems[pair.prompt], pair.chosen)
        - lesson.task.reward(problems[pair.prompt], pair.rejected)
        for pair in pairs
    ]
    return Judged(
        name,
        taught=len(read_pairs(lesson.folder / "pairs.jsonl")),
        pairs=len(pairs),
        right=int((ahead > 0).sum()),
        unequal=sum(true != 0 for true in truly),
        truly_right=sum(true * by_model > 0 for true, by_model in zip(truly, ahead.tolist(), strict=True)),
    )
