"""Attacks and harmless texts as labelled pairs: the passage is the text, nothing is asked, the span is the attack.

An attack in a document is often a plain instruction where nobody writes to a machine (Yi et al. 2023, BIPIA), so what
is asked of an assistant is put into documents too, and counts as an attack there alone. As many sentences of other
documents are put in as well, since what is out of place is not yet an attack.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from openbook.documents import sentences
from openbook.heads.attack_phrases import WRAPPINGS, demand, takeover
from openbook.heads.cloze_pairs import Text
from openbook.heads.examples import Example
from openbook.heads.guard_sets import GuardText
from openbook.heads.harmless_phrases import harmless
from openbook.values import Span

_QUESTION = re.compile(
    r"^\W*(?:who|whom|whose|what|which|where|when|why|how|is|are|was|were|do|does|did|can|could|will|would|should)\b"
    r"|\?\s*$",
    re.IGNORECASE,
)
"""A question is no instruction: documents ask their readers questions."""

LONGEST_ATTACK = 500
"""Characters of an attack that is put into a document."""


@dataclass(frozen=True, slots=True)
class Sources:
    """documents: passages that are read. queries: what people ask an assistant; instructions: those of them that say
    what to do. attacks: what takes it over.
    """

    documents: Sequence[str]
    queries: Sequence[str]
    instructions: Sequence[str]
    attacks: Sequence[str]


def known_examples(texts: Sequence[GuardText]) -> list[Example]:
    """The sets' own texts with their labels."""
    return [
        Example(f"guard:{number}", "injection", "\n".join(t.groups), "", t.text, (), _spans(t.attack), t.harmful)
        for number, t in enumerate(texts)
    ]  # fmt: skip


def made_examples(texts: Sequence[GuardText], passages: Sequence[Text], count: int, seed: int) -> list[Example]:
    """``count`` made ones, about half of them attacks. The same for a seed; none where there are no passages."""
    rng = np.random.default_rng(seed)
    documents = [p.text for p in passages] + [t.text[:1200] for t in texts if t.kind == "document"]
    queries = [t.text for t in texts if t.kind == "query" and t.source != "nq" and len(t.text) <= LONGEST_ATTACK]
    attacks = [t.text for t in texts if t.kind == "direct" and len(t.text) <= LONGEST_ATTACK]
    instructions = [q for q in queries if not _QUESTION.search(q)]
    sources = Sources(documents, queries, instructions, attacks or [takeover(demand(rng), rng)])
    return [_made(f"guard:made{n}", sources, rng) for n in range(count if documents else 0)]


def _made(name: str, sources: Sources, rng: Generator) -> Example:
    make = list(_WAYS)[int(rng.choice(len(_WAYS), p=list(_WAYS.values())))]
    text, attack = make(sources, rng)
    return Example(name, "injection", name, "", text, (), _spans(attack), attack is not None)


def _spans(attack: Span | None) -> tuple[Span, ...]:
    return (attack,) if attack else ()


def _one(texts: Sequence[str], rng: Generator) -> str:
    return texts[int(rng.integers(len(texts)))]


def _placed(document: str, text: str, rng: Generator) -> tuple[str, Span]:
    """The text before, after or between the document's sentences, and where it stands."""
    ends = [0, len(document), *(s.end for s in sentences(document, Span(0, len(document))))]
    at = ends[int(rng.integers(len(ends)))]
    gap = "\n" if rng.random() < 0.4 else " "
    before = document[:at].rstrip() + gap if at else ""
    return f"{before}{text}{gap}{document[at:].lstrip()}", Span(len(before), len(before) + len(text))


def _wrapped(text: str, rng: Generator) -> str:
    return str(rng.choice(WRAPPINGS)).replace("{}", text, 1)


def _instruction(sources: Sources, rng: Generator) -> str:
    return _one(sources.instructions, rng) if sources.instructions else demand(rng)


def _instruction_in_document(sources: Sources, rng: Generator) -> tuple[str, Span | None]:
    return _placed(_one(sources.documents, rng), _instruction(sources, rng), rng)


def _takeover_in_document(sources: Sources, rng: Generator) -> tuple[str, Span | None]:
    wanted = demand(rng) if rng.random() < 0.6 else _instruction(sources, rng)
    return _placed(_one(sources.documents, rng), _wrapped(takeover(wanted, rng), rng), rng)


def _attack_in_document(sources: Sources, rng: Generator) -> tuple[str, Span | None]:
    return _placed(_one(sources.documents, rng), _one(sources.attacks, rng), rng)


def _takeover_alone(sources: Sources, rng: Generator) -> tuple[str, Span | None]:
    text = takeover(demand(rng) if rng.random() < 0.6 else _instruction(sources, rng), rng)
    if rng.random() < 0.5:
        before = _one(sources.queries, rng) if sources.queries else harmless(rng)
        return f"{before} {text}", Span(len(before) + 1, len(before) + 1 + len(text))
    return text, Span(0, len(text))


def _document(sources: Sources, rng: Generator) -> tuple[str, Span | None]:
    return _one(sources.documents, rng), None


def _sentence_in_document(sources: Sources, rng: Generator) -> tuple[str, Span | None]:
    other = _one(sources.documents, rng)
    found = sentences(other, Span(0, len(other)))
    foreign = found[int(rng.integers(len(found)))].of(other) if found else other[:200]
    return _placed(_one(sources.documents, rng), _wrapped(foreign, rng), rng)[0], None


def _harmless_alone(_sources: Sources, rng: Generator) -> tuple[str, Span | None]:
    return harmless(rng), None


def _harmless_in_document(sources: Sources, rng: Generator) -> tuple[str, Span | None]:
    return _placed(_one(sources.documents, rng), harmless(rng), rng)[0], None


_WAYS: Mapping[Callable[[Sources, Generator], tuple[str, Span | None]], float] = {
    _instruction_in_document: 0.18,
    _takeover_in_document: 0.16,
    _attack_in_document: 0.06,
    _takeover_alone: 0.10,
    _document: 0.17,
    _sentence_in_document: 0.15,
    _harmless_alone: 0.10,
    _harmless_in_document: 0.08,
}
"""How an example is made, and the share that is made so."""
