"""Questions put to a trained model: from memory, at many temperatures, and with a text at hand."""

from collections.abc import Sequence

import numpy as np

from openbook.labs.hallucination.corpus import prompt, text_about
from openbook.labs.hallucination.outcome import Drawn, Grounded, Replies
from openbook.labs.hallucination.signals import same_meaning
from openbook.labs.hallucination.speak import Said, say
from openbook.labs.hallucination.world import Fact, answered, not_known, other_value, value_in
from openbook.model import Decoder

TEMPERATURES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
NUCLEI = (0.5, 0.8, 0.9, 0.95)
"""Of ``top_p``, at temperature 1."""

DRAWS = 3
"""Answers a question at each temperature."""

MEMORY, TRUE, SILENT, FALSE, STRANGER = "no text", "true", "does not tell", "false", "someone else"
TEXTS = (TRUE, SILENT, FALSE, STRANGER)


def replies(facts: Sequence[Fact], texts: Sequence[str]) -> Replies:
    """What each answer is worth, against the truth."""
    values = [answered(text, fact) for fact, text in zip(facts, texts, strict=True)]
    right = np.array([value == fact.value for fact, value in zip(facts, values, strict=True)])
    named = np.array([value is not None for value in values])
    return Replies(right, named & ~right, np.array([not_known(text) for text in texts]))


def sampled(model: Decoder, facts: Sequence[Fact], n: int, seed: int, temperature: float = 1.0) -> list[list[Said]]:
    """``n`` answers from memory to each question."""
    asked = [prompt(fact.question) for fact in facts for _ in range(n)]
    drawn = say(model, asked, temperature=temperature, seed=seed)
    return [drawn[start : start + n] for start in range(0, len(drawn), n)]


def sweep(model: Decoder, facts: Sequence[Fact], seed: int) -> dict[str, Drawn]:
    """By ``T 0.5`` or ``top-p 0.9``: ``DRAWS`` answers from memory to each question."""
    settings = [(f"T {t:g}", t, 1.0) for t in TEMPERATURES] + [(f"top-p {p:g}", 1.0, p) for p in NUCLEI]
    asked = [prompt(fact.question) for fact in facts for _ in range(DRAWS)]
    found: dict[str, Drawn] = {}
    for name, temperature, top_p in settings:
        drawn = say(model, asked, temperature=temperature, top_p=top_p, seed=seed)
        found[name] = _drawn(facts, [said.text for said in drawn])
    return found


def with_text(
    model: Decoder, facts: Sequence[Fact], kind: str, rng: np.random.Generator
) -> tuple[Grounded, list[str], list[str]]:
    """Answers at temperature 0 with a text of two sentences, as ``kind`` says; also the texts, and the answers.

    false: the text gives another value. someone else: the right field of another person, nothing on the one asked.
    """
    told = [_told(fact, kind, rng) for fact in facts]
    texts = [
        text_about(fact, rng, told=value, stranger=kind == STRANGER) for fact, value in zip(facts, told, strict=True)
    ]
    asked = [prompt(fact.question, text) for fact, text in zip(facts, texts, strict=True)]
    answers = [said.text for said in say(model, asked, temperature=0.0)]
    copied = [
        value is not None and value_in(answer, fact.field) == value
        for fact, value, answer in zip(facts, told, answers, strict=True)
    ]
    return Grounded(replies(facts, answers), np.array(copied)), [" ".join(text) for text in texts], answers


def _told(fact: Fact, kind: str, rng: np.random.Generator) -> str | None:
    if kind == SILENT:
        return None
    return fact.value if kind == TRUE else other_value(rng, fact)


def _drawn(facts: Sequence[Fact], texts: Sequence[str]) -> Drawn:
    """texts: ``DRAWS`` of each fact in turn."""
    each = replies([fact for fact in facts for _ in range(DRAWS)], texts)
    right, wrong = (flags.reshape(-1, DRAWS).mean(axis=1) for flags in (each.right, each.wrong))
    broken = (~(each.right | each.wrong | each.unknown)).reshape(-1, DRAWS).mean(axis=1)
    counts = [_different(fact, texts[place * DRAWS : (place + 1) * DRAWS]) for place, fact in enumerate(facts)]
    return Drawn(right, wrong, broken, np.array(counts, np.float64))


def _different(fact: Fact, texts: Sequence[str]) -> int:
    firsts: list[str] = []
    for text in texts:
        if not any(same_meaning(fact, first, text) for first in firsts):
            firsts.append(text)
    return len(firsts)
