"""A recipe's data made ready: texts encoded to token shards beside the run, or shards that were there already.

Encoding goes document by document, so memory stays level whatever the size, and is done once: a resumed run maps what
the first one wrote, as long as the texts are the same.
"""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook import tokens
from openbook.train.characters import Characters, alphabet, tokenizer_json
from openbook.train.problems import TrainProblem
from openbook.train.recipe import Data
from openbook.train.shards import MANIFEST, Shards, open_shards, write_shards
from openbook.train.source_record import check_same, record
from openbook.train.texts import documents
from openbook.train.whole import write_whole

CHARACTERS = "characters"
"""The tokenizer of a recipe that reads by character."""

_MADE_OF = "source.json"

Encode = Callable[[str], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Tokens, and where the training part ends and validation begins. tokenizer: a file, or None if unknown."""

    shards: Shards
    boundary: int
    tokenizer: Path | None

    @property
    def vocabulary(self) -> int:
        return self.shards.vocabulary


def prepare(data: Data, folder: Path) -> Corpus:
    """The corpus of a recipe; what has to be made is made in ``folder``. Raises TrainProblem in one line."""
    source = data.source
    if (source / MANIFEST).is_file() or source.name == MANIFEST:
        shards = open_shards(source)
        tokenizer = None if data.tokenizer == CHARACTERS else Path(data.tokenizer)
        if tokenizer is not None and tokens.load(tokenizer).size > shards.vocabulary:
            raise TrainProblem(
                f"{tokenizer} has {tokens.load(tokenizer).size:,} pieces and the shards at {source} were made with "
                f"{shards.vocabulary:,}: name the tokenizer that made them as data.tokenizer"
            )
        beside = shards.folder / "tokenizer.json"
        return _split(shards, data, tokenizer or (beside if beside.is_file() else None))
    if (folder / MANIFEST).is_file():
        check_same(source, folder / _MADE_OF)
    else:
        _encode_all(data, folder)
        record(source, folder / _MADE_OF)
    return _split(open_shards(folder), data, folder / "tokenizer.json")


def _encode_all(data: Data, folder: Path) -> None:
    special = [data.end] if data.end else []
    if data.tokenizer == CHARACTERS:
        characters = alphabet(piece for document in documents(data.source, data.field) for piece in document)
        if not characters:
            raise TrainProblem(f"{data.source} has no text in it: set data.path to a corpus")
        definition, encode = tokenizer_json(characters, special), Characters(characters)
        size, end = len(characters) + 1 + len(special), len(characters) + 1  # one is for the unknown
    else:
        tokenizer = tokens.load(Path(data.tokenizer))
        size, end = tokenizer.size, tokenizer.id_of(data.end) if data.end else 0
        definition = None

        def encode(text: str) -> NDArray[Any]:
            return np.array(tokenizer.ids_batch([text])[0], dtype=np.int64)

    ending = [np.array([end])] if data.end else []
    write_shards(folder, _encoded(documents(data.source, data.field), encode, ending), size)
    if definition is not None:
        write_whole(folder / "tokenizer.json", definition.encode("utf-8", "replace"))
    else:
        tokens.load(Path(data.tokenizer)).save(folder / "tokenizer.json")


def _encoded(
    texts: Iterable[Iterable[str]], encode: Encode, ending: list[NDArray[Any]]
) -> Generator[Generator[NDArray[Any]]]:
    for text in texts:
        yield _pieces(text, encode, ending)


def _pieces(text: Iterable[str], encode: Encode, ending: list[NDArray[Any]]) -> Generator[NDArray[Any]]:
    size = 0
    for piece in text:
        ids = encode(piece)
        size += ids.size
        yield ids
    if size:
        yield from ending


def _split(shards: Shards, data: Data, tokenizer: Path | None) -> Corpus:
    """The first 1 - validation of the tokens train; among several documents, the boundary moves to the next start."""
    boundary = int(shards.tokens * (1 - data.validation))
    if shards.documents > 1 and data.validation:
        place = int(np.searchsorted(shards.starts, boundary))
        boundary = int(shards.starts[place]) if place < shards.documents else shards.tokens
    return Corpus(shards, boundary, tokenizer)
