"""Passages of free text that questions and claims are made from: sets whose licence allows it, parted by document."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from openbook.heads.cloze_pairs import Text
from openbook.heads.sets import MOST_ROWS, UnlicensedSet, read_set
from openbook.heads.split import Part, part_of
from openbook.json_lines import rows_of

LONGEST = 900
"""Characters of a passage: about a chunk."""

_SHORTEST = 200

FREE: Mapping[str, tuple[str, str, str]] = {
    "docs": ("lm/docs_markdown.jsonl.gz", "title", "Apache-2.0 and MIT"),
    "wikitext": ("lm/wikitext2_valid.jsonl.gz", "title", "CC BY-SA; repository BSD-3-Clause"),
    "speeches": ("lm/state_union.jsonl.gz", "id", "public domain"),
}
"""file, the field that names a document, licence."""


def free_texts(names: Sequence[str], folder: Path, part: Part) -> list[Text]:
    """The passages of these sets, each once. Raises UnlicensedSet for a set that is neither here nor in ``sets``."""
    found: dict[str, Text] = {}
    for name in names:
        for text in _of(name, folder):
            if part_of(name, text.group) == part:
                found.setdefault(text.text, text)
    return list(found.values())


def _of(name: str, folder: Path) -> Iterator[Text]:
    if name in FREE:
        file, field, _ = FREE[name]
        for _, row in rows_of(folder / file, MOST_ROWS):
            group = str(row[field])
            for passage in passages(_plain(str(row["text"]))):
                yield Text(name, group, passage)
        return
    try:
        examples = read_set(name, folder)
        for example in examples:
            for passage in passages(example.passage):
                yield Text(name, example.group, passage)
    except UnlicensedSet as error:
        raise UnlicensedSet(f"{error}; for free text also {', '.join(FREE)}") from None


def passages(text: str) -> Iterator[str]:
    """Paragraphs put together to passages of at most ``LONGEST`` characters; what is too short to ask about is left."""
    held = ""
    for paragraph in (line.strip() for line in text.split("\n")):
        if held and len(held) + len(paragraph) > LONGEST:
            yield from _cut(held)
            held = ""
        held = f"{held}\n{paragraph}" if held else paragraph
    yield from _cut(held)


def _cut(text: str) -> Iterator[str]:
    while len(text) > LONGEST:
        end = text.rfind(". ", _SHORTEST, LONGEST) + 1 or LONGEST
        yield text[:end].strip()
        text = text[end:].strip()
    if len(text) >= _SHORTEST:
        yield text


def _plain(text: str) -> str:
    """WikiText's marks as they stand in print."""
    return text.replace(" @-@ ", "-").replace(" @,@ ", ",").replace(" @.@ ", ".").replace("<unk>", "…")
