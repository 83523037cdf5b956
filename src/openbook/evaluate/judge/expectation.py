"""G-Eval's score: not the number that was written, but the expectation over all that could have been.

A number may take several tokens, as 10 does where digits stand alone. Then the probability of its first token belongs
to 1 and to 10, and what follows it divides it, as far as the reply went that way. Where it went another way, nothing
says how to divide it: such probability is left out, and reported.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, isnan

from openbook.values import Token

_LEADING = re.compile(r"\s*(\d*)(.?)", re.DOTALL)
_MOST_DIGITS = 3
_GOES_ON = frozenset("0123456789.eE+-")
"""What could continue a number in JSON: after a digit, these make it another number."""


@dataclass(frozen=True, slots=True)
class Expected:
    """score: Σ p(s) · s over the scale's scores, p renormalised to 1 over them. mass: what they had before.

    open: probability of first digits that begin several numbers, which nothing divides; no part of mass.
    """

    score: float
    mass: float
    open: float
    probabilities: tuple[tuple[int, float], ...]


def expectation_by_the_equation(probabilities: Mapping[int, float]) -> float:
    """Σ p(sᵢ) · sᵢ (Liu et al. 2023, eq. 1), with p divided by its sum, since a model also spends some elsewhere."""
    return sum(p * score for score, p in probabilities.items()) / sum(probabilities.values())


def expected(tokens: Sequence[Token], place: int, low: int, high: int) -> Expected | None:
    """From a reply whose score begins at character ``place``. None where no log-probabilities came, or none counts."""
    first, before = _token_at(tokens, place)
    if first is None:
        return None
    found: dict[int, float] = {}
    undecided = _follow(tokens, first, before, "", 1.0, (low, high), found)
    mass = sum(found.values())
    if undecided is None or mass <= 0:
        return None
    ordered = tuple(sorted(found.items()))
    return Expected(expectation_by_the_equation(found), mass, undecided, ordered)


def _follow(
    tokens: Sequence[Token],
    at: int,
    before: str,
    digits: str,
    reached: float,
    scale: tuple[int, int],
    found: dict[int, float],
) -> float | None:
    """Add to ``found`` what the alternatives at one place say, given the digits so far, which had ``reached``.

    before: characters of this token that stand before the number. Returns the undecided probability, or None where the
    place has no alternatives.
    """
    if at >= len(tokens) or not (choices := _choices(tokens[at])):
        return None
    taken, undecided = tokens[at].text, 0.0
    for text, p in choices.items():
        rest = _after(text, before)
        if rest is None:
            continue
        more, following = _split(rest, within=bool(digits))
        number = digits + more
        if not number or len(number) > _MOST_DIGITS or (number != "0" and number.startswith("0")):
            continue
        if following:
            if following not in _GOES_ON and scale[0] <= int(number) <= scale[1]:
                found[int(number)] = found.get(int(number), 0.0) + reached * p
        elif not _begins_longer(number, scale):
            if scale[0] <= int(number) <= scale[1]:
                found[int(number)] = found.get(int(number), 0.0) + reached * p
        elif text == taken:
            deeper = _follow(tokens, at + 1, "", number, reached * p, scale, found)
            undecided += reached * p if deeper is None else deeper
        else:
            undecided += reached * p
    return undecided


def _choices(token: Token) -> dict[str, float]:
    """Each alternative's probability, and the chosen token's where it is not among them."""
    if not token.alternatives:
        return {}
    found = {text: exp(min(logprob, 0.0)) for text, logprob in token.alternatives if not isnan(logprob)}
    if token.logprob is not None and not isnan(token.logprob):
        found.setdefault(token.text, exp(min(token.logprob, 0.0)))
    return found


def _token_at(tokens: Sequence[Token], place: int) -> tuple[int | None, str]:
    """Which token holds the character, and what of that token stands before it."""
    start = 0
    for number, token in enumerate(tokens):
        if start <= place < start + len(token.text):
            return number, token.text[: place - start]
        start += len(token.text)
    return None, ""


def _after(text: str, before: str) -> str | None:
    """What of an alternative stands where the number would; None where it begins otherwise than the chosen token."""
    wanted = before.strip()
    return text.lstrip()[len(wanted) :] if text.lstrip().startswith(wanted) else None


def _split(rest: str, *, within: bool) -> tuple[str, str]:
    """The digits that a text begins with, and the character after them; a blank within a number ends it."""
    if within and rest[:1].isspace():
        return "", rest[0]
    match = _LEADING.match(rest)
    assert match is not None  # it matches the empty text
    return (match[1], match[2]) if match[1].isascii() else ("", "")


def _begins_longer(number: str, scale: tuple[int, int]) -> bool:
    """Whether the digits begin a longer number of the scale."""
    return any(
        len(str(score)) > len(number) and str(score).startswith(number) for score in range(scale[0], scale[1] + 1)
    )
