"""Token shards: raw little-endian numbers in files, read by memory map, so that a corpus may be larger than memory.

A folder holds ``tokens-00000.bin`` and so on (uint16, or uint32 for vocabularies above 65,536), ``starts.bin`` (uint64:
where each document begins in the whole) and ``shards.json``, which is written last and names sizes and digests.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from openbook.train.problems import TrainProblem
from openbook.train.whole import whole_folder

MANIFEST = "shards.json"
SHARD_TOKENS = 2**28
"""Tokens a file: 512 MB of uint16."""
_LARGEST_MANIFEST = 10_000_000
_BLOCK = 2**20

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Shards:
    """An open corpus: one long row of tokens. starts: where documents begin, ascending, the first at 0."""

    folder: Path
    vocabulary: int
    parts: tuple[NDArray[Any], ...]
    starts: NDArray[np.uint64]
    digest: str

    @property
    def tokens(self) -> int:
        return sum(len(part) for part in self.parts)

    @property
    def documents(self) -> int:
        return len(self.starts)

    def read(self, start: int, length: int) -> Ids:
        """Tokens from ``start`` on, across files, int64. Raises TrainProblem for an id outside the vocabulary."""
        pieces: list[NDArray[Any]] = []
        before = 0
        for part in self.parts:
            low, high = max(start - before, 0), min(start + length - before, len(part))
            if low < high:
                pieces.append(part[low:high])
            before += len(part)
        found = pieces[0].astype(np.int64) if len(pieces) == 1 else np.concatenate(pieces).astype(np.int64)
        if found.max() >= self.vocabulary:
            place = start + int(np.argmax(found))
            raise TrainProblem(
                f"token {place} of {self.folder} is {found.max()}, outside its vocabulary of {self.vocabulary}: "
                "the shards were changed or made with another tokenizer, so make them anew"
            )
        return found


def write_shards(
    folder: Path, documents: Iterable[Iterable[NDArray[Any]]], vocabulary: int, shard_tokens: int = SHARD_TOKENS
) -> Shards:
    """Write documents as they come, each as its ids in pieces; empty ones are left out.

    The folder appears whole or not at all. Raises TrainProblem for an id outside the vocabulary, for no tokens at all,
    and where the disk is full.
    """
    with whole_folder(folder) as scratch:
        writer = _Writer(scratch, vocabulary, shard_tokens)
        try:
            for document in documents:
                begins = writer.total
                for piece in document:
                    if piece.size:
                        writer.add(piece, begins=writer.total == begins)
        finally:
            writer.close()
        if not writer.total:
            raise TrainProblem("the corpus is empty: give a file with text in it")
        writer.manifest()
    return open_shards(folder)


def open_shards(folder: Path, *, verify: bool = True) -> Shards:
    """Map the files of a folder. verify: compare their digests, which reads them once.

    Raises TrainProblem where something is missing, cut short, changed, or of another make.
    """
    folder = folder.parent if folder.name == MANIFEST else folder
    manifest = _manifest(folder / MANIFEST)
    kind = _kind(manifest["vocabulary"])
    parts: list[NDArray[Any]] = []
    for entry in [*manifest["files"], manifest["starts"]]:
        path = folder / entry["name"]
        size = np.dtype(np.uint64 if entry is manifest["starts"] else kind).itemsize * entry["count"]
        if not path.is_file() or path.stat().st_size != size:
            raise TrainProblem(f"{path} is missing or not of the {size:,} bytes that {MANIFEST} says: make it anew")
        if verify and _digest(path) != entry["sha256"]:
            raise TrainProblem(f"{path} is not what {MANIFEST} says (its digest differs): make the shards anew")
        if entry is not manifest["starts"]:
            parts.append(np.memmap(path, dtype=kind, mode="r"))
    starts = np.memmap(folder / manifest["starts"]["name"], dtype="<u8", mode="r")
    digest = sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
    shards = Shards(folder, manifest["vocabulary"], tuple(parts), starts, digest)
    if starts[0] != 0 or starts[-1] >= shards.tokens or np.any(starts[1:] <= starts[:-1]):
        raise TrainProblem(f"{folder / MANIFEST} names documents that do not fit its tokens: make the shards anew")
    return shards


class _Writer:
    """The files of a folder as they grow."""

    def __init__(self, folder: Path, vocabulary: int, shard_tokens: int) -> None:
        self.folder, self.vocabulary, self.room = folder, vocabulary, shard_tokens
        self.kind = _kind(vocabulary)
        self.total = 0
        self.files: list[dict[str, Any]] = []
        self.file: BinaryIO | None = None
        self.starts_file = (folder / "starts.bin").open("wb")
        self.starts = 0
        self.starts_hash = sha256()
        self.hash = sha256()

    def add(self, ids: NDArray[Any], *, begins: bool) -> None:
        """At least one id; begins: whether they are the first of a document."""
        if ids.min() < 0 or ids.max() >= self.vocabulary:
            wrong = ids.min() if ids.min() < 0 else ids.max()
            raise TrainProblem(
                f"document {self.starts} has the id {wrong}, outside the vocabulary of {self.vocabulary}: "
                "encode with the tokenizer that the vocabulary is of"
            )
        if begins:
            start = np.array(self.total, dtype="<u8").tobytes()
            self.starts_file.write(start)
            self.starts_hash.update(start)
            self.starts += 1
        ids = ids.astype(self.kind)
        while ids.size:
            file = self.file or self._begin_file()
            here = ids[: self.room - self.files[-1]["count"]]
            content = here.tobytes()
            file.write(content)
            self.hash.update(content)
            self.files[-1]["count"] += here.size
            self.total += here.size
            ids = ids[here.size :]
            if self.files[-1]["count"] == self.room:
                self._end_file()

    def _begin_file(self) -> BinaryIO:
        self.files.append({"name": f"tokens-{len(self.files):05}.bin", "count": 0})
        file = (self.folder / self.files[-1]["name"]).open("wb")
        self.file, self.hash = file, sha256()
        return file

    def _end_file(self) -> None:
        if self.file is not None:
            self.file.close()
            self.files[-1]["sha256"] = self.hash.hexdigest()
            self.file = None

    def close(self) -> None:
        self._end_file()
        self.starts_file.close()

    def manifest(self) -> None:
        starts = {"name": "starts.bin", "count": self.starts, "sha256": self.starts_hash.hexdigest()}
        content = {"format": 1, "vocabulary": self.vocabulary, "files": self.files, "starts": starts}
        (self.folder / MANIFEST).write_text(json.dumps(content, indent=1), encoding="utf-8")


def _kind(vocabulary: int) -> np.dtype[Any]:
    return np.dtype("<u2") if vocabulary <= 2**16 else np.dtype("<u4")


def _manifest(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found: Any = json.loads(file.read(_LARGEST_MANIFEST + 1))
    except OSError as error:
        raise TrainProblem(f"there are no token shards at {path.parent}: {path.name}: {error.strerror}") from error
    except (ValueError, RecursionError):
        found = None
    try:
        vocabulary = found["vocabulary"]
        files: list[Any] = [*found["files"], found["starts"]]
        sound = found["format"] == 1 and type(vocabulary) is int and 0 < vocabulary <= 2**32 and len(files) > 1
        sound = sound and all(_is_entry(entry) for entry in files)
    except (KeyError, TypeError):
        sound = False
    if not sound:
        raise TrainProblem(f"{path} is no manifest of token shards: make the shards anew")
    return cast("dict[str, Any]", found)


def _is_entry(entry: Any) -> bool:
    name, count = entry["name"], entry["count"]
    plain = isinstance(name, str) and Path(name).name == name
    return plain and type(count) is int and count > 0 and isinstance(entry["sha256"], str)


def _digest(path: Path) -> str:
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
