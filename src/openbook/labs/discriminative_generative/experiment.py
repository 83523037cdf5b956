"""The experiment: four classifiers, growing training samples, several draws of each, one test set."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from openbook.errors import MissingExtra
from openbook.labs.discriminative_generative.classifiers import LOGISTIC, NAIVE_BAYES, Method, Trained
from openbook.labs.discriminative_generative.gather import Gathered
from openbook.labs.discriminative_generative.outcome import Measured, Outcome
from openbook.labs.discriminative_generative.sample import Floats, Integers, Part, Sample, draw, sizes_for, split
from openbook.labs.discriminative_generative.unfamiliar import MOST, shuffled_words
from openbook.labs.labelled import Labelled

Step = Callable[[float, str], None]
"""Told what share of the work is done, and what comes next."""


@dataclass(frozen=True, slots=True)
class Plan:
    """sizes: labels to train on, 0 for all there are; None for the usual ones. seeds: training samples of each size.

    quick: shorter training, for a first look. counting_only: only the pair that needs no torch.
    """

    sizes: Sequence[int] | None = None
    seeds: int = 3
    quick: bool = False
    counting_only: bool = False


@dataclass(slots=True)
class _Seen:
    """What one method's runs gave, seed by seed."""

    right: list[Integers] = field(default_factory=list[Integers])
    confidence: list[Floats] = field(default_factory=list[Floats])
    settings: list[dict[str, float]] = field(default_factory=list[dict[str, float]])
    seconds: list[float] = field(default_factory=list[float])


def run(data: Labelled, plan: Plan, *, outside: tuple[str, Sequence[str]] | None = None, on_step: Step) -> Outcome:
    """Fit and test everything. outside: a name and texts of another kind, to see whether they are noticed.

    Raises BadData where the sizes do not fit the data. Without torch the pair on the backbone is left out, and said.
    """
    pool, test = split(data)
    sizes = sizes_for(pool.labels.size, plan.sizes)
    methods, left_out = methods_for(plan)
    kinds = _kinds(test, outside)
    seen = {(method.name, size): _Seen() for method in methods for size in sizes}
    beyond = Gathered()
    whole = sum(_work(method, size) for method in methods for size in sizes) * plan.seeds
    done = 0.0
    for seed in range(plan.seeds):
        for size in sizes:
            drawn = draw(pool, size, seed)
            fitted: dict[str, Trained] = {}
            for method in methods:
                on_step(done / whole, f"{method.name}, {size:,} labels, sample {seed + 1} of {plan.seeds}")
                began = time.process_time()
                fitted[method.name] = method.fit(drawn, seed)
                seconds = time.process_time() - began
                posterior = all_classes(fitted[method.name].log_posterior(test.texts), drawn, len(data.classes))
                _note(seen[method.name, size], posterior, test, fitted[method.name], seconds)
                if size == sizes[-1]:
                    beyond.look(method.name, fitted[method.name], posterior, drawn, test, kinds)
                done += _work(method, size)
            if size == sizes[-1]:
                beyond.write(fitted, drawn, data.classes, seed)
    on_step(1.0, "")
    measured = {m.name: {size: _measured(seen[m.name, size]) for size in sizes} for m in methods}
    commonest = float((test.labels == np.bincount(pool.labels).argmax()).mean())
    return Outcome(
        data.name, data.classes, sizes, plan.seeds, test.labels.size, commonest, methods, measured, beyond.found(),
        left_out,
    )  # fmt: skip


def methods_for(plan: Plan) -> tuple[tuple[Method, ...], str]:
    """The classifiers, and one line on what was left out for want of torch."""
    if plan.counting_only:
        return (NAIVE_BAYES, LOGISTIC), ""
    try:
        import torch  # noqa: F401 # pyright: ignore[reportUnusedImport]
    except ImportError:
        missing = MissingExtra("the pair on one backbone (classifier head, class-conditional LM)", "train")
        return (NAIVE_BAYES, LOGISTIC), str(missing)
    from openbook.labs.discriminative_generative.backbone import Backbone, pair
    from openbook.labs.discriminative_generative.fit import Fitting

    fitting = Fitting(passes=6, least_steps=60, most_steps=150, checks=5) if plan.quick else Fitting()
    head, language_model = pair(Backbone(), fitting)
    return (NAIVE_BAYES, LOGISTIC, language_model, head), ""


def all_classes(log_posterior: Floats, drawn: Sample, classes: int) -> Floats:
    """Over all classes of the data, (texts, classes): minus infinity for those that the sample lacks."""
    wide = np.full((log_posterior.shape[0], classes), -np.inf)
    wide[:, drawn.classes] = log_posterior
    return wide


def _note(seen: _Seen, log_posterior: Floats, test: Part, trained: Trained, seconds: float) -> None:
    seen.right.append(log_posterior.argmax(axis=1) == test.labels)
    seen.confidence.append(np.minimum(np.exp(log_posterior.max(axis=1)), 1.0))
    seen.settings.append(trained.settings)
    seen.seconds.append(seconds)


def _measured(seen: _Seen) -> Measured:
    return Measured(np.array(seen.right, bool), np.array(seen.confidence), tuple(seen.settings), tuple(seen.seconds))


def _kinds(test: Part, outside: tuple[str, Sequence[str]] | None) -> dict[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {"shuffled words": shuffled_words(test.texts)[:MOST]}
    if outside is not None:
        chosen = np.random.default_rng(4).permutation(len(outside[1]))[:MOST]
        found[outside[0]] = [outside[1][int(i)] for i in chosen]
    return {kind: texts for kind, texts in found.items() if texts}


def _work(method: Method, size: int) -> float:
    """Of a run, roughly, in any unit: what the progress bar is drawn by."""
    return (40.0 + min(size, 2000)) if method.neural else 1.0 + size / 200
