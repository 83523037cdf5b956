"""One thing to judge: a text, or two to choose between, with what is known about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Case:
    """texts: the candidate, or the two of a pair. source, reference, document, system: "" where there is none.

    human: people's scores by criterion; human_choice: which of a pair people prefer, 1 or 2, 0 for a tie.
    """

    id: str
    texts: tuple[str, ...]
    source: str = ""
    reference: str = ""
    document: str = ""
    system: str = ""
    human: Mapping[str, float] = field(default_factory=dict[str, float])
    human_choice: int | None = None
