"""Every strategy on the trained models, through the engine that answers people, problem by problem."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from openbook.generate.local import LocalModel
from openbook.generate.reasoning import Example, How, Reasoned, chain_of_thought, direct, few_shot
from openbook.generate.reasoning.outcome import Spent
from openbook.generate.reasoning.prompts import steps_prompt
from openbook.generate.reasoning.several import best, mean_log_probability, voted
from openbook.generate.reasoning.writing import spent_on, texts_of
from openbook.generate.render import Rendering
from openbook.generate.torch_engine import local_model
from openbook.labs.chain_of_thought.task import TRAINING, Problem, drawn
from openbook.labs.chain_of_thought.words import END, EXAMPLE_STEPS, EXAMPLES, IDS, WORDING, tokenizer
from openbook.labs.discriminative_generative.fit import one_thread
from openbook.model import Decoder
from openbook.train.techniques import attention_kernel
from openbook.values import TRUSTED, Decoding, Part, Prompt

DIRECT, STEPS = "direct", "chain of thought"
FEW_ANSWERS, FEW_WORKED = "few-shot, answers", "few-shot, worked"
VOTE, BEST = "self-consistency", "best of n"


@dataclass(frozen=True, slots=True)
class Way:
    """A strategy, and how many texts it draws."""

    strategy: str
    n: int = 1

    @property
    def shown(self) -> str:
        return f"{self.strategy}, {self.n}" if self.strategy in (VOTE, BEST) else self.strategy


@dataclass(frozen=True, slots=True)
class Tried:
    """One way on every problem, in order: whether it was right, whether no text could be read, and tokens spent."""

    right: tuple[bool, ...]
    silent: tuple[bool, ...]
    prompt: tuple[int, ...]
    written: tuple[int, ...]

    @property
    def tokens(self) -> float:
        """Read and written for a problem, on average."""
        return float(np.mean(self.prompt) + np.mean(self.written))


def engine(model: Decoder) -> LocalModel:
    """The decoder as ``openbook generate`` would run it."""
    return local_model("chain-of-thought lab", model, Rendering(tokenizer(), None, ""), frozenset({IDS[END]}))


def longest(steps: int) -> int:
    """Words of an answer with every step, and some to spare."""
    return 5 * steps + 8


def tried(
    answering: Decoder,
    stepping: Decoder,
    problems: Sequence[Problem],
    votes: Sequence[int],
    temperature: float,
    on_problem: Callable[[int], object],
) -> dict[Way, Tried]:
    """answering, stepping: models trained on answers alone, which are asked for these, and on steps, for all else.

    votes: how many texts are drawn, in increasing order; fewer of them are the first of the most, as a strategy that
    draws fewer would have them.
    """
    runs: dict[Way, list[Reasoned]] = {}
    with one_thread(), attention_kernel("plain"):
        models = engine(answering), engine(stepping)
        for place, problem in enumerate(problems):
            for way, found in _of_one(models, problem, votes, temperature, seed=1_000 * place):
                runs.setdefault(way, []).append(found)
            on_problem(place + 1)
    return {way: _tried(found, problems) for way, found in runs.items()}


def _of_one(
    models: tuple[LocalModel, LocalModel], problem: Problem, votes: Sequence[int], temperature: float, seed: int
) -> list[tuple[Way, Reasoned]]:
    answering, model = models
    question: Prompt = (Part(problem.question, TRUSTED, "user"),)
    greedy = How(Decoding(max_tokens=longest(problem.steps)), wording=WORDING, examples=_examples(seed))
    warm = Decoding(max_tokens=longest(problem.steps), temperature=temperature, seed=seed)
    found = [
        (Way(DIRECT), direct(answering, question, greedy)),
        (Way(STEPS), chain_of_thought(model, question, greedy)),
        (Way(FEW_ANSWERS), few_shot(answering, question, greedy, worked=False)),
        (Way(FEW_WORKED), few_shot(model, question, greedy)),
    ]
    prompt = steps_prompt(question, WORDING)
    drawn_texts, _ = texts_of(model, prompt, max(votes), warm)
    for n in votes:
        some = drawn_texts[:n]
        texts, spent = [sample.text for sample in some], spent_on(model, prompt, some)
        found.append((Way(VOTE, n), voted(texts, greedy.reading, spent)))
        if n > 1:  # of one text, the best is that one
            scores = [mean_log_probability(sample) for sample in some]
            found.append((Way(BEST, n), best(texts, scores, greedy.reading, spent)))
    return found


def _examples(seed: int) -> tuple[Example, ...]:
    """Of training problems, other ones for each question, as many and as long as training shows at most."""
    rng = np.random.default_rng([seed, 9])
    problems = [drawn(EXAMPLE_STEPS, TRAINING, rng) for _ in range(EXAMPLES)]
    return tuple(Example(one.question, one.answer, one.worked) for one in problems)


def _tried(found: Sequence[Reasoned], problems: Sequence[Problem]) -> Tried:
    return Tried(
        tuple(one.answer == problem.answer for one, problem in zip(found, problems, strict=True)),
        tuple(one.answer is None for one in found),
        tuple(_known(one.spent).prompt or 0 for one in found),
        tuple(_known(one.spent).written or 0 for one in found),
    )


def _known(spent: Spent) -> Spent:
    assert spent.total is not None  # a model on this machine counts all of its tokens
    return spent
