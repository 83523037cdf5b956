"""What a parser takes out of a file, before it becomes a document."""

from dataclasses import dataclass, field

from openbook.values import Json


@dataclass(frozen=True, slots=True)
class Extracted:
    """text: normalised. title: as the content states it, if it does. meta: goes into ``Document.meta``."""

    text: str
    title: str | None = None
    meta: dict[str, Json] = field(default_factory=dict[str, Json])
