"""Preference pairs from JSON lines."""

from dataclasses import dataclass
from pathlib import Path

from openbook.json_lines import BadData, rows_of


@dataclass(frozen=True, slots=True)
class Pair:
    """Two replies to a prompt, the first preferred by an annotator."""

    prompt: str
    chosen: str
    rejected: str
    annotator: str = ""


def read_pairs(path: Path) -> list[Pair]:
    """Every line's pair. Raises BadData."""
    found: list[Pair] = []
    for number, row in rows_of(path, 1_000_000):
        texts = [row.get(name) for name in ("prompt", "chosen", "rejected")]
        if not all(isinstance(text, str) for text in texts):
            raise BadData(f"{path}:{number} has no texts in prompt, chosen and rejected: mend or remove it")
        found.append(Pair(*map(str, texts)))
    return found
