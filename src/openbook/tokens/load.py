"""Tokenizer files in: tokenizer.json, BERT's vocab.txt, GPT-2's vocab.json with merges.txt, or a folder with them."""

from pathlib import Path
from typing import TypeGuard, cast

from openbook.documents.open_file import open_regular
from openbook.tokens import definition
from openbook.tokens.byte_table import BYTE_OF
from openbook.tokens.problems import TokenProblem
from openbook.tokens.tokenizer import Tokenizer
from openbook.tokens.wordpiece import SPECIAL, UNKNOWN

LARGEST_FILE = 100_000_000
"""Bytes; the largest tokenizer.json in use has about 35 million."""


def load(path: Path) -> Tokenizer:
    """The tokenizer of a file or folder, told by its content. Raises TokenProblem, in one line, if there is none.

    A pattern inside a tokenizer.json is run as it stands: one from a stranger may be written to take very long.
    """
    path = Path(path)
    if path.is_dir():
        for name in ("tokenizer.json", "vocab.json", "vocab.txt"):
            if (path / name).is_file():
                return load(path / name)
        raise TokenProblem(f"{path} holds no tokenizer.json, no vocab.json with merges.txt and no vocab.txt")
    if path.name == "merges.txt":
        return load(path.with_name("vocab.json"))
    text = _read(path)
    if text.lstrip()[:1] == "{":
        found = definition.parse_json(text, str(path))
        if is_vocabulary(found):
            return gpt2(found, _read(path.with_name("merges.txt")), str(path))
        return Tokenizer(definition.check(found, str(path)), str(path))
    return bert(text, str(path))


def is_vocabulary(found: object) -> TypeGuard[dict[str, int]]:
    """Whether this is a vocab.json: pieces and their ids, nothing else."""
    if not isinstance(found, dict) or not found:
        return False
    return all(type(number) is int for number in cast("dict[str, object]", found).values())


def bert(text: str, where: str) -> Tokenizer:
    """From the lines of a vocab.txt. It is taken for uncased where no piece has a capital letter."""
    lines = text.removesuffix("\n").split("\n")
    if all(line.endswith("\r") for line in lines):
        lines = [line[:-1] for line in lines]
    if UNKNOWN not in lines:
        raise TokenProblem(f"{where} is no tokenizer file: neither tokenizer.json nor a vocab.txt, which has {UNKNOWN}")
    ids: dict[str, int] = {}
    for number, piece in enumerate(lines):
        if piece in ids:
            raise TokenProblem(
                f"line {number + 1} of {where} repeats {piece[:40]!r} of line {ids[piece] + 1}: remove one"
            )
        ids[piece] = number
    plain = (piece for piece in ids if not (piece.startswith("[") and piece.endswith("]")))
    lowercase = not any("A" <= character <= "Z" for piece in plain for character in piece)
    special = [token for token in SPECIAL if token in ids]
    return Tokenizer(definition.wordpiece(ids, special, unknown=UNKNOWN, lowercase=lowercase), where)


def gpt2(ids: dict[str, int], merges: str, where: str) -> Tokenizer:
    """From vocab.json and the lines of merges.txt. A piece that no merge makes is a special token."""
    pairs: list[tuple[str, str]] = []
    for number, line in enumerate(merges.removesuffix("\n").split("\n"), start=1):
        if (number == 1 and line.startswith("#version")) or not line.strip():
            continue
        first, _, second = line.removesuffix("\r").partition(" ")
        if not second or any(piece not in ids for piece in (first, second, first + second)):
            raise TokenProblem(f"line {number} of the merges.txt beside {where} joins what is not in the vocabulary")
        pairs.append((first, second))
    missing = BYTE_OF.keys() - ids.keys()
    if missing:
        raise TokenProblem(f"{where} lacks {len(missing)} of the 256 bytes: it is no byte-level vocabulary")
    made = {first + second for first, second in pairs}
    special = [piece for piece in ids if piece not in made and piece not in BYTE_OF]
    return Tokenizer(definition.byte_level_bpe(ids, pairs, special), where)


def _read(path: Path) -> str:
    try:
        with open_regular(path) as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise TokenProblem(f"{path} has over {LARGEST_FILE // 1_000_000} MB: it is no tokenizer file")
        return data.decode("utf-8")
    except (OSError, ValueError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise TokenProblem(f"{path} is no tokenizer file: it is not UTF-8 text") from None
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise TokenProblem(f"{path} cannot be read ({reason}): check the path") from error
