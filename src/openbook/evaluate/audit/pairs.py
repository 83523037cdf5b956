"""Verdicts on pairs as numbers: how far they prefer the first text, and both orders averaged into one verdict."""

from openbook.evaluate.position_bias import Compared


def preference(*choices: int) -> float:
    """1 for the first text, 0 for the second, a half for a tie; the mean of several verdicts."""
    return sum({1: 1.0, 2: 0.0, 0: 0.5}[choice] for choice in choices) / len(choices)


def averaged(row: Compared) -> int:
    """Both orders as one verdict: the text they lean to, 0 where they contradict each other or both call it a tie."""
    leaning = preference(row.choice, row.swapped)
    return 0 if leaning == 0.5 else 1 if leaning > 0.5 else 2
