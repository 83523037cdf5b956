"""Strategies of several texts: the answer most of them reach, or that of the text that scores best."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean
from typing import TypeAlias

from openbook.errors import OpenbookError
from openbook.generate.reasoning.outcome import Reasoned, Spent
from openbook.generate.reasoning.prompts import text_of
from openbook.generate.reasoning.reading import Reading
from openbook.generate.reasoning.single import reasoning_prompt
from openbook.generate.reasoning.writing import How, texts_of
from openbook.generate.samples import Sample
from openbook.protocols import LanguageModel
from openbook.values import Prompt

Scorer: TypeAlias = Callable[[str, str], float]
"""The prompt's text and one text written for it, to a number: larger is better. A reward model is one."""


def self_consistency(model: LanguageModel, question: Prompt, how: How, n: int) -> Reasoned:
    """``n`` chains of thought at a temperature above 0, and a vote over their answers (Wang et al. 2022)."""
    found, spent = texts_of(model, reasoning_prompt(question, how), n, how.decoding)
    return voted([sample.text for sample in found], how.reading, spent)


def best_of_n(model: LanguageModel, question: Prompt, how: How, n: int, scorer: Scorer | None = None) -> Reasoned:
    """``n`` chains of thought, and the answer of the one that scores best.

    Without a scorer that is the one the model finds likeliest, by the mean log-probability of its tokens; raises
    OpenbookError where the engine does not say these.
    """
    prompt = reasoning_prompt(question, how)
    decoding = how.decoding
    if scorer is None and not decoding.alternatives:
        decoding = replace(decoding, alternatives=1)  # without, a server says no log-probability
    found, spent = texts_of(model, prompt, n, decoding)
    if scorer is None:
        scores = [mean_log_probability(sample) for sample in found]
    else:
        asked = text_of(prompt)
        scores = [scorer(asked, sample.text) for sample in found]
    return best([sample.text for sample in found], scores, how.reading, spent)


def voted(texts: Sequence[str], reading: Reading, spent: Spent) -> Reasoned:
    """argmax over a of Σ 1(aᵢ = a) (Wang et al. 2022, section 2); of equals the one that came first. A text that cannot
    be read has no vote.
    """
    answers = [reading(text) for text in texts]
    counts: dict[str, int] = {}
    for answer in answers:
        if answer is not None:
            counts[answer] = counts.get(answer, 0) + 1
    vote = dict(sorted(counts.items(), key=lambda item: -item[1]))  # sorting keeps the order of equals
    return Reasoned("self-consistency", next(iter(vote), None), tuple(texts), tuple(answers), spent, vote)


def weighted(texts: Sequence[str], weights: Sequence[float], reading: Reading, spent: Spent) -> Reasoned:
    """argmax over a of Σ wᵢ 1(aᵢ = a): a text's vote weighs what a verifier gives for it (Li et al. 2022, section 3.2).

    Of equals the answer that came first; a text that cannot be read has no vote. Raises OpenbookError for a weight that
    is negative or no number.
    """
    if not all(0 <= weight < math.inf for weight in weights):
        raise OpenbookError("a weight of a vote is negative or no number: mend the scorer, as by a sigmoid")
    answers = [reading(text) for text in texts]
    sums: dict[str, float] = {}
    for answer, weight in zip(answers, weights, strict=True):
        if answer is not None:
            sums[answer] = sums.get(answer, 0.0) + weight
    chosen = max(sums, key=sums.__getitem__, default=None)
    return Reasoned("weighted vote", chosen, tuple(texts), tuple(answers), spent, scores=tuple(map(float, weights)))


def best(texts: Sequence[str], scores: Sequence[float], reading: Reading, spent: Spent) -> Reasoned:
    """The answer of the readable text with the largest score; of equals the one that came first.

    Raises OpenbookError for a score that is no number.
    """
    if any(math.isnan(score) for score in scores):
        raise OpenbookError("a score of a text is no number: mend the scorer")
    answers = [reading(text) for text in texts]
    kept = tuple(-math.inf if a is None else float(s) for s, a in zip(scores, answers, strict=True))
    place = max(range(len(kept)), key=kept.__getitem__)
    return Reasoned("best of n", answers[place], tuple(texts), tuple(answers), spent, scores=kept)


def mean_log_probability(sample: Sample) -> float:
    """Σ log p(token) / tokens, so that a text is not better for being short; -inf for an empty one."""
    if sample.logprobs is None:
        if not sample.text:
            return -math.inf
        raise OpenbookError(
            "this model does not say how likely its tokens are, so that it cannot score its own texts: pass a scorer, "
            "or let them vote (self-consistency)"
        )
    return fmean(sample.logprobs)
