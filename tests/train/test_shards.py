"""Token shards: what is written is what is read, wherever files end; what is broken is told."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.train.problems import TrainProblem
from openbook.train.shards import MANIFEST, open_shards, write_shards

DOCUMENTS = [[np.arange(10)], [np.array([], dtype=np.int64)], [np.arange(5), np.arange(20, 25)], [np.array([7])]]


@given(
    documents=st.lists(st.lists(st.lists(st.integers(0, 99), max_size=6), max_size=3), min_size=1, max_size=8),
    room=st.integers(1, 7),
    data=st.data(),
)
@settings(max_examples=40, deadline=None)
def test_any_stretch_reads_back_across_files(
    tmp_path_factory: pytest.TempPathFactory, documents: list[list[list[int]]], room: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("shards") / "tokens"
    flat = [number for document in documents for piece in document for number in piece]
    pieces = [[np.array(piece, dtype=np.int64) for piece in document] for document in documents]
    if not flat:
        with pytest.raises(TrainProblem, match="empty"):
            write_shards(folder, pieces, 100, room)
        assert not folder.exists()
        return
    shards = write_shards(folder, pieces, 100, room)
    assert shards.tokens == len(flat)
    start = data.draw(st.integers(0, len(flat) - 1))
    length = data.draw(st.integers(1, len(flat) - start))
    assert shards.read(start, length).tolist() == flat[start : start + length]
    sizes = [sum(map(len, document)) for document in documents]
    full = [sum(sizes[:number]) for number, size in enumerate(sizes) if size]
    assert shards.starts.tolist() == full


def test_ids_take_two_bytes_or_four(tmp_path: Path) -> None:
    small = write_shards(tmp_path / "small", DOCUMENTS, 2**16)
    large = write_shards(tmp_path / "large", [[np.array([2**16, 5])]], 2**16 + 1)
    assert [part.dtype.itemsize for part in (small.parts[0], large.parts[0])] == [2, 4]
    assert large.read(0, 2).tolist() == [2**16, 5]


@pytest.mark.parametrize("wrong", [100, -1])
def test_an_id_outside_the_vocabulary_is_refused_and_nothing_stays(tmp_path: Path, wrong: int) -> None:
    with pytest.raises(TrainProblem, match=f"the id {wrong}, outside the vocabulary of 100"):
        write_shards(tmp_path / "tokens", [[np.array([1, wrong, 3])]], 100)
    assert list(tmp_path.iterdir()) == []


def swap(folder: Path) -> None:
    (folder / "tokens-00000.bin").write_bytes(bytes(reversed((folder / "tokens-00000.bin").read_bytes())))


def cut(folder: Path) -> None:
    (folder / "tokens-00000.bin").write_bytes((folder / "tokens-00000.bin").read_bytes()[:-1])


def lose(folder: Path) -> None:
    (folder / "starts.bin").unlink()


def manifest(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        found = json.loads((folder / MANIFEST).read_text())
        (folder / MANIFEST).write_text(json.dumps({**found, **changes}))

    return change


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (swap, "its digest differs"),
        (cut, "missing or not of the"),
        (lose, "missing or not of the"),
        (manifest(format=2), "no manifest"),
        (manifest(vocabulary=0), "no manifest"),
        (manifest(files=[]), "no manifest"),
        (manifest(files=[{"name": "../x", "count": 3, "sha256": ""}]), "no manifest"),
        (lambda folder: (folder / MANIFEST).write_text("["), "no manifest"),
        (lambda folder: (folder / MANIFEST).unlink(), "there are no token shards"),
    ],
)
def test_what_is_broken_is_told(tmp_path: Path, harm: Callable[[Path], None], said: str) -> None:
    write_shards(tmp_path / "tokens", DOCUMENTS, 100)
    harm(tmp_path / "tokens")
    with pytest.raises(TrainProblem, match=said) as refused:
        open_shards(tmp_path / "tokens")
    assert "\n" not in str(refused.value)


def test_an_id_changed_behind_the_manifest_is_refused_when_read(tmp_path: Path) -> None:
    write_shards(tmp_path / "tokens", DOCUMENTS, 100)
    file = tmp_path / "tokens" / "tokens-00000.bin"
    file.write_bytes(file.read_bytes()[:-2] + np.array([500], dtype="<u2").tobytes())
    shards = open_shards(tmp_path / "tokens", verify=False)
    with pytest.raises(TrainProblem, match="is 500, outside its vocabulary of 100"):
        shards.read(15, 6)
    assert shards.read(15, 5).tolist() == [20, 21, 22, 23, 24][:5]


def test_writing_again_takes_the_place_of_the_old(tmp_path: Path) -> None:
    write_shards(tmp_path / "tokens", DOCUMENTS, 100)
    shards = write_shards(tmp_path / "tokens", [[np.array([1, 2, 3])]], 100)
    assert shards.read(0, 3).tolist() == [1, 2, 3]
    assert [path.name for path in tmp_path.iterdir()] == ["tokens"]
    shutil.rmtree(tmp_path / "tokens")
