"""Which of the candidate sentences make the answer: the best, and the few that come close to it and add something."""

from collections.abc import Sequence

from openbook.answer.overlap import stems
from openbook.values import Candidate

MAX_SENTENCES = 3
CLOSE = 0.45
"""A further sentence scores at most this much below the best. Scores are logits: its odds are 0.64 of the best's."""
SAME = 0.6
"""A sentence whose words overlap by this share (Jaccard) with one already chosen repeats it."""
FEWEST = 3
"""Different words without which a further sentence is a fragment, as the head of a table is, and adds nothing."""


def choose(candidates: Sequence[Candidate]) -> list[Candidate]:
    """At most ``MAX_SENTENCES`` candidates: the best first, then the others grouped by document in reading order."""
    chosen: list[Candidate] = []
    for candidate in candidates:
        if len(chosen) == MAX_SENTENCES or (chosen and candidate.score < chosen[0].score - CLOSE):
            break
        if chosen and len(stems(candidate.text)) < FEWEST:
            continue
        if all(_jaccard(candidate.text, other.text) < SAME for other in chosen):
            chosen.append(candidate)
    best = chosen[:1]
    rest = sorted(chosen[1:], key=lambda c: (c.passage.uri, c.span))
    return best + rest


def _jaccard(left: str, right: str) -> float:
    a, b = stems(left), stems(right)
    return len(a & b) / len(a | b) if a | b else 1.0
