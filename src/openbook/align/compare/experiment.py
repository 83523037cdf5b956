"""The bake-off from its recipe, stage by stage: judges, reward models, supervised policy, best-of-n, every method."""

import hashlib
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from openbook.align.compare.arms import Arm, arms, hacked
from openbook.align.compare.climbing import climb
from openbook.align.compare.judges import Labelled, labelled
from openbook.align.compare.measure import Exam
from openbook.align.compare.methods import Setup, way_of
from openbook.align.compare.outcome import Climb, Outcome
from openbook.align.compare.problems import Parts, parted
from openbook.align.compare.proxies import PROXY, TRUE, Scale, lengths_of, scale_of, standardised, worths
from openbook.align.compare.recipe import CompareRecipe
from openbook.align.compare.reward_models import Lesson, Taught, model_of, some_replies, taught
from openbook.align.compare.stages import Place, claimed, kept, place
from openbook.align.compare.supervised import BestOfAll, Supervised, best_of_all, supervised
from openbook.align.online_recipe import Worth
from openbook.align.online_reward import reward_of
from openbook.align.policy import Policy, opened
from openbook.align.task import Reward, Task, true_reward
from openbook.align.tasks import by_name
from openbook.train.group import joined

Told = Callable[[float, str], None]
"""How much of all is done, from 0 to 1, and what is being done."""


@dataclass(frozen=True, slots=True)
class World:
    """What every stage needs and none keeps: it is made again from the recipe and the base. base: a place for its name.

    policy: the supervised one, its own reference.
    """

    recipe: CompareRecipe
    folder: Path
    base: Place
    task: Task
    policy: Policy
    parts: Parts
    true: Reward


@dataclass(frozen=True, slots=True)
class Models:
    """The reward models, and what they make together. place: of the last stage that they hang on."""

    place: Place
    found: tuple[Taught, ...]
    worths: Mapping[str, Worth]
    scales: Mapping[str, Scale]
    rewards: Mapping[str, Reward]


@dataclass(frozen=True, slots=True)
class Scales:
    """Of every reward by its name."""

    by_name: Mapping[str, Scale]


def compare(recipe: CompareRecipe, told: Told) -> Outcome:
    """Everything that the recipe asks for; what is kept in its folder is not done again.

    Raises AlignProblem or another OpenbookError in one line, and KeyboardInterrupt where a person stops it.
    """
    done = _Done(told, 3 + recipe.proxy.members + 2 * len(arms(recipe)) + 4 * len(hacked(recipe)))
    with _world(recipe) as world:
        judged, choices = _judged(world, done)
        models = _models(world, judged, choices, done)
        at = place(world.folder, "supervised", asdict(replace(recipe.measure, draws=0, best_of=0)), models.place)
        done.next(1, "the supervised policy is measured")
        start = kept(at, Supervised, lambda: supervised(recipe, world.policy, _exam(world, models)))
        done.next(1, "best of n")
        measure = recipe.measure
        chosen = place(world.folder, "best-of-n", {"draws": measure.draws, "best_of": measure.best_of}, at)
        best = kept(chosen, BestOfAll, lambda: best_of_all(recipe, world.policy, _exam(world, models, start=start)))
        setup = Setup(recipe, judged.folder / "pairs.jsonl", models.worths, models.scales)
        climbs, free = (
            tuple(_climbed(world, models, setup, arm, at, start, done, weight) for arm in found)
            for found, weight in ((arms(recipe), 2), (hacked(recipe), 4))
        )
    return Outcome(
        task=recipe.task,
        seed=recipe.seed,
        problems=recipe.measure.problems,
        replies=recipe.measure.replies,
        budget=recipe.budget.replies,
        scales=models.scales,
        annotation=choices.annotation,
        judged=tuple(one.judged for one in models.found),
        supervised=start.measured,
        best_of=best.found,
        climbs=climbs,
        hacked=free,
    )


@contextmanager
def _world(recipe: CompareRecipe) -> Generator[World]:
    with claimed(Path(recipe.out.folder).expanduser()) as folder, joined(recipe.device) as group:
        if recipe.threads:
            torch.set_num_threads(recipe.threads)
        task = by_name(recipe.task)
        policy = opened(recipe.base, None, recipe.end, recipe.seed, group.device)
        policy.keep_reference()
        known = {"task": recipe.task, "end": recipe.end, "longest": recipe.longest, "seed": recipe.seed}
        base = place(folder, "base", {**known, "weights": _digest(recipe.base.folder)})
        yield World(recipe, folder, base, task, policy, parted(task, recipe), true_reward(task))


def _judged(world: World, done: "_Done") -> tuple[Place, Labelled]:
    asked, problems = world.recipe.annotators, world.recipe.measure.problems
    at = place(world.folder, "annotators", {**asdict(asked), "problems": problems}, world.base)
    done.next(1, "annotators judge supervised replies")
    make = lambda: labelled(world.recipe, world.policy, world.parts, world.true, at.folder)  # noqa: E731
    return at, kept(at, Labelled, make)


def _models(world: World, judged: Place, choices: Labelled, done: "_Done") -> Models:
    recipe, policy = world.recipe, world.policy
    some = some_replies(recipe, policy, world.parts.taught)
    lesson = Lesson(recipe, world.task, policy, world.parts.held, judged.folder, some)
    settings = asdict(replace(recipe.proxy, members=1))
    places = [place(world.folder, f"reward-model-{n + 1}", settings, judged) for n in range(recipe.proxy.members)]
    found: list[Taught] = []
    for number, at in enumerate(places):
        part = done.next(1, f"reward model {number + 1}")
        found.append(kept(at, Taught, lambda n=number, at=at, part=part: taught(lesson, n, at.folder, part)))
    made = worths([model_of(at.folder) for at in places], found[0].scale)
    raw = {name: reward_of(worth, None, policy) for name, worth in made.items()}
    last = place(world.folder, "scales", {}, *places)
    lengths = lengths_of(some)
    make = lambda: Scales({name: scale_of(reward(some), lengths) for name, reward in raw.items()})  # noqa: E731
    scales = kept(last, Scales, make).by_name
    rewards = {name: standardised(reward, scales[name]) for name, reward in raw.items()}
    return Models(last, tuple(found), made, {TRUE: choices.true, **scales}, {TRUE: world.true, **rewards})


def _exam(world: World, models: Models, climbs: str = PROXY, start: Supervised | None = None) -> Exam:
    """climbs: a reward that is measured beside the true one and the proxy."""
    measure, names = world.recipe.measure, dict.fromkeys((TRUE, PROXY, climbs))
    rewards = models.rewards if start is None else {name: models.rewards[name] for name in names}
    against = start.rewards if start is not None else ()
    key = [world.recipe.seed, 53]
    return Exam(world.parts.exam, measure.replies, world.recipe.longest, key, rewards, against)


def _climbed(
    world: World, models: Models, setup: Setup, arm: Arm, after: Place, start: Supervised, done: "_Done", weight: int
) -> Climb:
    settings = {**asdict(arm), "checkpoints": world.recipe.measure.checkpoints}
    at = place(world.folder, arm.name.replace(" ", "-"), settings, after)
    part = done.next(weight, arm.name)

    def make() -> Climb:
        exam = _exam(world, models, arm.climbs, start)
        return climb(arm.name, arm.climbs, way_of(arm, setup, at.folder / "run"), exam, start.measured, part)

    return kept(at, Climb, make)


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for name in ("config.json", "model.safetensors", "model.onnx", "tokenizer.json"):
        if (path := folder / name).is_file():
            with path.open("rb") as file:
                found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


@dataclass(slots=True)
class _Done:
    """How far everything is, in parts of a known weight."""

    told: Told
    total: int
    before: int = 0
    now: int = 0

    def next(self, weight: int, what: str) -> Callable[[float], None]:
        """The part before is done; returns what is told how much of this one is."""
        self.before += self.now
        self.now = weight
        self.told(self.before / self.total, what)
        return lambda share: self.told((self.before + weight * share) / self.total, what)
