"""Reasoning strategies over any language model: answer at once, in steps, after examples, by vote, or by score."""

from openbook.generate.reasoning.outcome import Reasoned, Spent
from openbook.generate.reasoning.prompts import Example, Wording
from openbook.generate.reasoning.reading import READINGS, Reading
from openbook.generate.reasoning.several import Scorer, best_of_n, self_consistency
from openbook.generate.reasoning.single import chain_of_thought, direct, few_shot
from openbook.generate.reasoning.writing import How

__all__ = [
    "READINGS",
    "Example",
    "How",
    "Reading",
    "Reasoned",
    "Scorer",
    "Spent",
    "Wording",
    "best_of_n",
    "chain_of_thought",
    "direct",
    "few_shot",
    "self_consistency",
]
