"""Preferences without people: several drafts of the writer to one prompt, and the one that its passages back best.

Prompts are made as those that the writer learnt from, of one part of the sets. The score is the one that decides in
``ask`` what is shown: the support model's logit, of the draft's least backed sentence, by the sentences it names. A
draft that says that the passages do not say claims nothing: its score is the threshold, so that it loses to what is
backed and wins against what is not.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openbook.align.policy import Policy
from openbook.align.preferences import Pair
from openbook.align.rollout import Drawing
from openbook.align.rollout import drawn as replies_of
from openbook.answer.names import unheld
from openbook.answer.write import said_in
from openbook.encode.support import SupportChecker
from openbook.heads.drafts import drafts_of
from openbook.heads.examples import Example
from openbook.heads.sets import data_folder, read_set
from openbook.heads.split import Part, only

SETS = ("squad", "nq")
NOTHING = "do not say"
MOST_TOKENS = 80
UNSAID = -50.0
"""The score of a draft without a sentence, and of one with a name or a number that no sentence holds."""

_AT_ONCE = 16
"""Prompts that are drawn to together."""

_LINE = re.compile(r"\A\[\d+\] ")


@dataclass(frozen=True, slots=True)
class Asked:
    """text: what the writer reads. answers: as people marked them; none where the passage has none."""

    text: str
    answers: tuple[str, ...]

    @property
    def shown(self) -> list[str]:
        return [_LINE.sub("", line) for line in self.text.splitlines()[1:-1]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft as it was written, blank and marks included, and how well it is backed, a logit."""

    text: str
    score: float


def asked(part: Part, count: int, seed: int) -> list[Asked]:
    """So many prompts of a part of people's questions, in a random order."""
    examples: list[Example] = [each for name in SETS for each in only(read_set(name, data_folder()), part)]
    rng = np.random.default_rng([seed, 41])
    order: list[int] = rng.permutation(len(examples)).tolist()
    mixed = [examples[n] for n in order]
    answers = {_line(e.question): tuple(span.of(e.passage) for span in e.spans) for e in mixed}
    found: list[Asked] = []
    for draft in drafts_of(mixed, rng):
        question = draft.prompt.splitlines()[0].removeprefix("Question: ")
        found.append(Asked(draft.prompt, answers[question]))
        if len(found) == count:
            break
    return found


def drawn(policy: Policy, asked: Sequence[Asked], draws: int, temperature: float, seed: int) -> list[list[str]]:
    """``draws`` drafts of each prompt, as they were written; at temperature 0 the likeliest."""
    ids = [policy.ids(one.text) for one in asked]
    order = sorted(range(len(ids)), key=lambda n: len(ids[n]))
    found: list[list[str]] = [[] for _ in ids]
    drawing = Drawing(draws, MOST_TOKENS, policy.end, temperature)
    for start in range(0, len(order), _AT_ONCE):
        part = order[start : start + _AT_ONCE]
        for n, group in zip(
            part, replies_of(policy.model, [ids[n] for n in part], drawing, [seed, start]), strict=True
        ):
            found[n] = [policy.text(reply) for reply in group.replies]
    return found


def judged(support: SupportChecker, text: str, shown: Sequence[str]) -> Judged:
    """By the sentences that each of the draft's names, or by all where it names none that is there."""
    if NOTHING in text:
        return Judged(text, support.threshold)
    scores: list[float] = []
    for said, named in said_in(text):
        among = [shown[n] for n in named if n < len(shown)] or list(shown)
        found = zip(support(said, among), among, strict=True)
        scores.append(max(UNSAID if unheld(said, passage) else each.score for each, passage in found))
    return Judged(text, min(scores, default=UNSAID))


def pairs_of(asked: Sequence[Asked], drafts: Sequence[Sequence[Judged]], margin: float) -> list[Pair]:
    """Of each prompt its best draft against its worst, where they are so many nats apart."""
    found: list[Pair] = []
    for one, of in zip(asked, drafts, strict=True):
        best, worst = max(of, key=lambda d: d.score), min(of, key=lambda d: d.score)
        if best.score - worst.score >= margin and best.text.strip() and worst.text.strip():
            found.append(Pair(one.text, best.text, worst.text))
    return found


def _line(text: str) -> str:
    return " ".join(text.split())
