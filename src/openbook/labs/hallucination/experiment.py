"""The experiment: worlds of made-up people, a model trained on each, and everything asked of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from openbook.encode.support import open_support
from openbook.evaluate.self_consistency import majority
from openbook.labs.discriminative_generative.fit import one_thread
from openbook.labs.hallucination.ask import MEMORY, STRANGER, TEXTS, replies, sampled, sweep, with_text
from openbook.labs.hallucination.corpus import in_words, prompt
from openbook.labs.hallucination.outcome import Observed, Outcome
from openbook.labs.hallucination.signals import signals
from openbook.labs.hallucination.speak import say
from openbook.labs.hallucination.supported import checked, paraphrases
from openbook.labs.hallucination.train import Training, trained
from openbook.labs.hallucination.world import answered, value_in, world
from openbook.protocols import SupportScorer

Step = Callable[[float, str], None]
"""Told what share of the work is done, and what comes next."""

_TRAINING_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Plan:
    """seeds: worlds, each with its own model. people: five facts each. checked: questions a seed that the support model
    reads. samples: of each question, at temperature 1.
    """

    seeds: int = 3
    people: int = 240
    teachers: int = 40
    samples: int = 10
    checked: int = 150
    training: Training = field(default_factory=Training)


def quick(plan: Plan) -> Plan:
    """A first look: one world."""
    return replace(plan, seeds=1, checked=60)


def run(plan: Plan, on_step: Step) -> Outcome:
    """Everything measured. Equal plans give equal outcomes on one machine."""
    support = open_support()
    observed: list[Observed] = []
    weights = 0
    with one_thread():
        for seed in range(plan.seeds):
            one, weights = _observed(plan, seed, support, _within(on_step, seed, plan.seeds))
            observed.append(one)
    on_step(1.0, "")
    return Outcome(tuple(observed), plan.samples, weights)


def _observed(plan: Plan, seed: int, support: SupportScorer, on_step: Step) -> tuple[Observed, int]:
    made = world(plan.people, plan.teachers, seed)
    facts = made.asked
    on_step(0.0, "training")
    began = time.process_time()
    model = trained(made, plan.training, seed, lambda share: on_step(_TRAINING_SHARE * share, "training"))
    seconds = time.process_time() - began
    on_step(_TRAINING_SHARE, "asking")
    greedy = say(model, [prompt(fact.question) for fact in facts], temperature=0.0)
    samples = sampled(model, facts, plan.samples, seed)
    rows = [signals(*each) for each in zip(facts, greedy, samples, strict=True)]
    texts = [[said.text for said in each] for each in samples]
    winners = [
        majority(each, lambda text, fact=fact: answered(text, fact)).answer
        for fact, each in zip(facts, texts, strict=True)
    ]
    voted = replies(facts, [winner or "" for winner in winners])
    on_step(0.75, "temperatures")
    swept = sweep(model, facts, seed)
    on_step(0.85, "with a text")
    rng = np.random.default_rng([seed, 2])
    grounded = {kind: with_text(model, facts, kind, rng) for kind in TEXTS}
    on_step(0.9, "checking support")
    chosen = [int(i) for i in rng.permutation(len(facts))[: plan.checked]]
    some = [facts[i] for i in chosen]
    named = [(fact, greedy[i].text) for fact, i in zip(some, chosen, strict=True) if answered(greedy[i].text, fact)]
    of_memory = checked(
        support,
        [text for _, text in named],
        [in_words(fact, rng) for fact, _ in named],
        [answered(text, fact) == fact.value for fact, text in named],
    )
    _, shown, answers = grounded[STRANGER]
    taken = [i for i in chosen if value_in(answers[i], facts[i].field)]
    of_stranger = checked(support, [answers[i] for i in taken], [shown[i] for i in taken], [False] * len(taken))
    return (
        Observed(
            np.array([fact.group for fact in facts]),
            replies(facts, [said.text for said in greedy]),
            voted.right,
            {name: np.array([row[name] for row in rows]) for name in rows[0]},
            np.array([float(len(said.logprobs)) for said in greedy]),
            np.array([float(sum(len(said.logprobs) for said in each)) for each in samples]),
            swept,
            {kind: found for kind, (found, _, _) in grounded.items()},
            {MEMORY: of_memory, STRANGER: of_stranger},
            paraphrases(support, some, [texts[i] for i in chosen]),
            seconds,
        ),
        sum(parameter.numel() for parameter in model.parameters()),
    )


def _within(on_step: Step, seed: int, seeds: int) -> Step:
    return lambda share, what: on_step((seed + share) / seeds, f"{what}, model {seed + 1} of {seeds}")
