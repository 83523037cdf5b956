"""From options to a strategy and how it is run; sampling only where several texts are drawn."""

from pathlib import Path

from openbook.cli.reasoning_rows import read_examples
from openbook.generate.reasoning import READINGS, How
from openbook.generate.reasoning.by_name import NAMES, Strategy
from openbook.values import Decoding


def strategy_of(name: str, n: int) -> Strategy:
    """``n`` counts for strategies of several texts alone."""
    found = Strategy(next(known for known in NAMES if known == name), n)
    return found if found.several else Strategy(found.name)


def how_of(
    strategy: Strategy, reading: str, examples: Path | None, *, max_tokens: int, temperature: float, seed: int
) -> How:
    """Raises BadData for examples that cannot be read."""
    shown = () if examples is None else read_examples(examples)
    decoding = Decoding(max_tokens=max_tokens, temperature=temperature if strategy.several else 0.0, seed=seed)
    return How(decoding, READINGS[reading], examples=shown)
