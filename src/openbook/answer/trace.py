"""The digests by which two runs of the same stage are compared."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from openbook.protocols import Vector
from openbook.values import Candidate, Hit, Json, Passage, Stage


@dataclass(slots=True)
class Recorder:
    """Collects the stages of one answer, in order."""

    stages: list[Stage] = field(default_factory=list[Stage])

    def note(self, name: str, inputs: Json, outputs: Json) -> None:
        self.stages.append(Stage(name, digest(inputs), digest(outputs)))


def digest(value: Json) -> str:
    """SHA-256 over canonical JSON: sorted keys, floats as their shortest exact decimal."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def vector_json(vector: Vector) -> Json:
    return hashlib.sha256(vector.tobytes()).hexdigest()


def hits_json(hits: Sequence[Hit]) -> Json:
    return [[hit.chunk_id, hit.score] for hit in hits]


def passages_json(passages: Sequence[Passage]) -> Json:
    return [
        [
            *(p.chunk.document_id, p.chunk.span.start, p.chunk.span.end, p.text, dict(p.signals)),
            *([a.span.start, a.span.end, a.score] for a in p.answers),
        ]
        for p in passages
    ]


def candidates_json(candidates: Sequence[Candidate]) -> Json:
    return [[c.passage.chunk.document_id, c.span.start, c.span.end, c.score] for c in candidates]
