"""What ``openbook tokens`` does between the command line and the room: sources and files in, values to show out."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from openbook.cli.progress import Lines, errors, say
from openbook.encode.folder import SHIPPED
from openbook.errors import OpenbookError
from openbook.index.location import resolve_source
from openbook.tokens import Encoding, Tokenizer, load, train_bpe, train_wordpiece
from openbook.tokens.compare import Comparison, Measured, compare
from openbook.tokens.corpus import Text, read
from openbook.tokens.problems import TokenProblem
from openbook.tokens.spool import Spool
from openbook.tokens.steps import Matched, Merged, explain

LONGEST_TEXT = 100_000
"""Characters of a text to show."""

HANDBOOK_BPE = SHIPPED.parent / "handbook-bpe" / "tokenizer.json"
_COMMON = ("tokenizer.json", "vocab.txt", "vocab.json", "merges.txt")
_NAMED = 5  # files left out that are named; the rest are counted


@dataclass(frozen=True, slots=True)
class Cut:
    """A text under one tokenizer, and step by step where that was asked for."""

    name: str
    kind: str
    size: int
    text: str
    encoding: Encoding
    words: Sequence[Merged | Matched] | None

    def as_json(self) -> dict[str, Any]:
        rows = zip(self.encoding.ids, self.encoding.offsets, self.encoding.pieces, strict=True)
        tokens = [{"id": i, "piece": p, "start": s, "end": e} for i, (s, e), p in rows]
        words = None if self.words is None else [{**asdict(word), "pieces": word.pieces} for word in self.words]
        return {"tokenizer": self.name, "kind": self.kind, "size": self.size, "tokens": tokens, "words": words}


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, and the size that was asked for."""

    comparison: Comparison
    asked: int

    def as_json(self) -> dict[str, Any]:
        found = self.comparison

        def rates(one: Measured) -> dict[str, Any]:
            names = ("tokens_per_word", "bytes_per_token", "unknown_rate", "changed_rate", "lost_rate")
            return {**asdict(one), **{name: getattr(one, name) for name in names}}

        tokenizers = {
            name: {
                "size": found.sizes[name],
                "all": rates(found.total[name]),
                "groups": {group: rates(one) for group, one in found.groups[name].items()},
            }
            for name in found.sizes
        }
        return {"asked": self.asked, "learned": found.learned, "held": found.held, "tokenizers": tokenizers}


def opened(files: Sequence[Path] | None) -> dict[str, Tokenizer]:
    """The tokenizers by a short name each; without files the two that come with openbook."""
    if not files:
        return {
            "byte-level BPE, learned from the handbook": load(HANDBOOK_BPE),
            "WordPiece of BERT, which the shipped encoder reads with": load(SHIPPED / "tokenizer.json"),
        }
    found: dict[str, Tokenizer] = {}
    for file in dict.fromkeys(files):
        name = _short(file)
        found[str(file) if name in found else name] = load(file)
    return found


def cut(text: str, tokenizers: Mapping[str, Tokenizer], *, steps: bool, special: bool) -> list[Cut]:
    """The text under each. Raises TokenProblem for a text that is empty or longer than can be looked at."""
    if steps and special:
        raise TokenProblem("--steps shows how plain text is cut: leave --special out")
    if not text:
        raise TokenProblem("the text is empty: write what to cut")
    if len(text) > LONGEST_TEXT:
        raise TokenProblem(f"the text has more than the {LONGEST_TEXT:,} characters that are shown: choose a part")
    return [
        Cut(
            name,
            tokenizer.kind,
            len(tokenizer),
            text,
            tokenizer.encode(text, special=special),
            explain(tokenizer, text) if steps else None,
        )
        for name, tokenizer in tokenizers.items()
    ]


def trained(sources: Sequence[str], kind: str, size: int, *, cased: bool, out: Path) -> dict[str, Any]:
    """Train and write; returns what was done. The documents are read once."""
    if cased and kind != "wordpiece":
        raise TokenProblem("--cased is for WordPiece: a byte-level BPE keeps capitals and accents anyway")
    if out.is_dir() or not out.name:
        raise TokenProblem(f"{out} is a folder: name the file to write, as {out / 'tokenizer.json'}")
    if out.exists() and not _is_tokenizer(out):
        raise TokenProblem(f"{out} is there already, and is no tokenizer: choose another name for --out")
    with _progress() as at, Spool() as spool:
        for text in _texts(sources, at):
            spool.add(text)
        at(f"learning {size:,} pieces")
        found = train_bpe(spool, size) if kind == "bpe" else train_wordpiece(spool, size, lowercase=not cased)
        found.save(out)
        return {
            "file": str(out),
            "kind": found.kind,
            "size": len(found),
            "asked": size,
            "texts": spool.texts,
            "bytes": spool.bytes,
        }


def _is_tokenizer(file: Path) -> bool:
    try:
        load(file)
    except OpenbookError:
        return False
    return True


def compared(sources: Sequence[str], files: Sequence[Path] | None, size: int) -> Compared:
    """Both kinds trained on half of the documents, and they and the files measured on the other half."""
    others = opened(files) if files else {}
    with _progress() as at:
        return Compared(compare(_texts(sources, at), size, others, at=at), size)


def _texts(sources: Sequence[str], at: Callable[[str], None]) -> Iterator[Text]:
    """The texts of what was typed; at the end one line on what was left out, or why there is nothing at all."""
    skipped: list[str] = []
    read_ = Counter[str]()
    for text in read([resolve_source(source) for source in sources], skip=skipped.append):
        read_["texts"] += 1
        read_["characters"] += len(text.text)
        at(f"reading: {read_['texts']:,} texts, {read_['characters'] / 1e6:,.1f} million characters")
        yield text
    if not read_["texts"]:
        why = f" ({skipped[0]})" if skipped else ""
        raise OpenbookError(f"there is no readable document in {', '.join(sources)}{why}: name another")
    for reason in skipped[:_NAMED]:
        say(f"left out {reason}")
    if len(skipped) > _NAMED:
        say(f"and {len(skipped) - _NAMED} more left out")


@contextmanager
def _progress() -> Generator[Callable[[str], None]]:
    """A line that says what is being done, and for how long."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("reading")
        lines = Lines(quiet=False)

        def show(line: str) -> None:
            lines.say(line)
            progress.update(task, description=line)

        yield show


def _short(file: Path) -> str:
    """The file's name; where that says little, the name of its folder."""
    path = file.absolute()
    return path.parent.name if path.name in _COMMON and path.parent.name else path.name
