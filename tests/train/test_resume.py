"""Killed and resumed equals uninterrupted, bit for bit; a full disk or a bad loss leaves the last good checkpoint."""

import errno
import json
import math
import os
import resource
import shutil
import signal
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
import torch
from killed import train_until_killed
from small_runs import Make, Seen

from openbook.errors import OpenbookError
from openbook.train import loop, whole
from openbook.train.checkpoint import load_tensors, newest, read_position
from openbook.train.problems import TrainProblem
from openbook.train.run import run

HARD = ("model.dropout=0.2", "optimiser.kind=muon", "train.rows_at_once=3", "out.checkpoint_every=3", "train.steps=10")


def ended(folder: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any], list[Any]]:
    """Every tensor of the last checkpoint, its position, and the metrics, without what clocks say."""
    last = newest(folder / "checkpoints")
    assert last is not None
    tensors = load_tensors(last / "weights.safetensors") | load_tensors(last / "optimiser.safetensors")
    position = json.loads((last / "state.json").read_text())
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    for row in [*rows, position]:
        row.pop("seconds", None)
        row.pop("tokens_per_second", None)
    return tensors, position, rows


def assert_same(first: Path, second: Path) -> None:
    (tensors, position, rows), (others, other_position, other_rows) = ended(first), ended(second)
    assert tensors.keys() == others.keys()
    assert all(torch.equal(tensors[name], others[name]) for name in tensors)
    assert position == other_position
    assert rows == other_rows
    model = [load_tensors(folder / "model" / "model.safetensors") for folder in (first, second)]
    assert all(torch.equal(model[0][name], model[1][name]) for name in model[0])


class Stop(Exception):
    pass


@pytest.mark.parametrize("step", [1, 3, 4, 9, 10])
def test_broken_off_and_resumed_is_uninterrupted(make: Make, tmp_path: Path, step: int) -> None:
    run(make(*HARD, out="whole"), Seen().watch)

    def stop(at: int) -> None:
        if at == step:
            raise Stop

    with pytest.raises(Stop):
        run(make(*HARD, out="broken"), Seen(at_step=stop).watch)
    seen = Seen()
    run(make(*HARD, out="broken"), seen.watch)
    assert seen.plans[0].begins == (step - 1) // 3 * 3
    assert_same(tmp_path / "whole", tmp_path / "broken")


@pytest.fixture(scope="module")
def apart() -> ForkServerContext:
    """Processes that begin with torch loaded: it takes seconds to load, and is the same for each."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["openbook.train.run"])
    return context


@pytest.mark.parametrize(
    ("when", "at"), [("step", 1), ("step", 5), ("step", 10), ("tensors", 6), ("rename", 9), ("sync", 3), ("after", 9)]
)
def test_killed_and_resumed_is_uninterrupted(
    apart: ForkServerContext, make: Make, tmp_path: Path, when: str, at: int
) -> None:
    run(make(*HARD, out="whole"), Seen().watch)
    recipe = make(*HARD, out="killed")
    process = apart.Process(target=train_until_killed, args=(recipe, when, at))
    process.start()
    process.join(100)
    assert process.exitcode == -signal.SIGKILL
    run(recipe, Seen().watch)
    assert_same(tmp_path / "whole", tmp_path / "killed")
    left = [path.name for path in (tmp_path / "killed" / "checkpoints").iterdir()]
    assert sorted(left) == ["step-000000009", "step-000000010"]


def test_asked_to_stop_it_keeps_the_step_and_goes_on(make: Make, tmp_path: Path) -> None:
    run(make(*HARD, out="whole"), Seen().watch)
    interrupt = Seen(at_step=lambda step: os.kill(os.getpid(), signal.SIGINT) if step == 5 else None)
    result = run(make(*HARD, out="stopped"), interrupt.watch)
    assert (result.finished, result.step) == (False, 5)
    assert newest(tmp_path / "stopped" / "checkpoints") == tmp_path / "stopped" / "checkpoints" / "step-000000005"
    assert not (tmp_path / "stopped" / "model").exists()
    assert run(make(*HARD, out="stopped"), Seen().watch).finished
    shutil.rmtree(tmp_path / "whole" / "checkpoints" / "step-000000009")
    for name in ("whole", "stopped"):
        assert newest(tmp_path / name / "checkpoints") == tmp_path / name / "checkpoints" / "step-000000010"
    assert_same(tmp_path / "whole", tmp_path / "stopped")


def test_a_finished_run_is_not_trained_again(make: Make, tmp_path: Path) -> None:
    first = run(make(), Seen().watch)
    seen = Seen()
    again = run(make(), seen.watch)
    assert (again.finished, again.step, again.loss) == (True, 8, first.loss)
    assert seen.rows == []


def test_old_checkpoints_make_room(make: Make, tmp_path: Path) -> None:
    run(make("out.keep=3"), Seen().watch)
    names = sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir())
    assert names == ["step-000000004", "step-000000006", "step-000000008"]


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("where", ["_sync", "_exchange", "mkdtemp", "write_text"])
def test_a_full_disk_leaves_the_last_good_checkpoint(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def fill(step: int) -> None:
        if step == 4:
            place = {"mkdtemp": whole.tempfile, "write_text": Path}.get(where, whole)
            monkeypatch.setattr(place, where, full)

    with pytest.raises(TrainProblem, match="No space left on device; what was there is kept") as told:
        run(make(out="broken"), Seen(at_step=fill).watch)
    assert "\n" not in str(told.value)
    monkeypatch.undo()
    folder = tmp_path / "broken"
    assert [path.name for path in (folder / "checkpoints").iterdir()] == ["step-000000002"]
    run(make(out="broken"), Seen().watch)
    run(make(out="whole"), Seen().watch)
    assert_same(tmp_path / "whole", folder)


def test_a_disk_that_really_ends_leaves_the_last_good_checkpoint(make: Make, tmp_path: Path) -> None:
    """The limit on a file's size makes the write itself fail, inside the library that writes tensors."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(step: int) -> None:
        if step == 4:
            resource.setrlimit(resource.RLIMIT_FSIZE, (9000, before[1]))

    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with pytest.raises(TrainProblem, match=r"cannot write .*; what was there is kept") as told:
            run(make(out="broken"), Seen(at_step=limit).watch)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert "\n" not in str(told.value)
    assert [path.name for path in (tmp_path / "broken" / "checkpoints").iterdir()] == ["step-000000002"]
    run(make(out="broken"), Seen().watch)
    run(make(out="whole"), Seen().watch)
    assert_same(tmp_path / "whole", tmp_path / "broken")


def test_a_loss_that_is_not_a_number_stops_before_any_checkpoint(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = loop.descended

    def poisoned(state: Any, *rest: Any) -> Any:
        loss, norm, count = plain(state, *rest)
        return (loss * math.nan, norm, count) if state.step == 4 else (loss, norm, count)

    monkeypatch.setattr(loop, "descended", poisoned)
    with pytest.raises(TrainProblem, match=r"the loss is nan at step 5, learning rate 0.000") as told:
        run(make("out.log_every=100"), Seen().watch)
    assert "\n" not in str(told.value)
    assert newest(tmp_path / "run" / "checkpoints") == tmp_path / "run" / "checkpoints" / "step-000000004"


def test_a_rate_that_blows_up_is_told(make: Make) -> None:
    with pytest.raises(TrainProblem, match=r"learning rate [0-9.e+]+: training stopped"):
        run(
            make("optimiser.rate=1000", "schedule.kind=constant", "optimiser.weight_decay=1000", "train.steps=60"),
            Seen().watch,
        )


def spoil(name: str, content: bytes) -> Any:
    def do(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return do


def shorten(folder: Path) -> None:
    file = folder / "weights.safetensors"
    file.write_bytes(file.read_bytes()[:-10])


@pytest.mark.parametrize(
    "harm",
    [
        shorten,
        spoil("optimiser.safetensors", b"\x80\x04pickle"),
        spoil("state.json", b"{"),
        spoil("state.json", b'{"step": 1}'),
        lambda folder: (folder / "weights.safetensors").unlink(),
    ],
)
def test_a_broken_checkpoint_is_told(make: Make, tmp_path: Path, harm: Any) -> None:
    run(make(), Seen().watch)
    harm(tmp_path / "run" / "checkpoints" / "step-000000008")
    with pytest.raises(TrainProblem, match=r"is broken .*remove that folder") as told:
        run(make(), Seen().watch)
    assert "\n" not in str(told.value)
    shutil.rmtree(tmp_path / "run" / "checkpoints" / "step-000000008")
    seen = Seen()
    assert run(make(), seen.watch).finished
    assert seen.plans[0].begins == 6


def test_a_checkpoint_holds_no_pickle(make: Make, tmp_path: Path) -> None:
    run(make(), Seen().watch)
    for file in (tmp_path / "run").rglob("*"):
        if file.is_file():
            head = file.read_bytes()[:8]
            assert not head.startswith((b"\x80", b"PK")), file
    position = read_position(tmp_path / "run" / "checkpoints" / "step-000000008")
    assert (position.step, position.row, position.seed) == (8, 32, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("train.steps=9", "train.steps = 8 and the recipe now says 9"),
        ("model.width=32", "model.width = 16 and the recipe now says 32"),
        ("optimiser.rate=0.5", "optimiser.rate = 0.001 and the recipe now says 0.5"),
    ],
)
def test_another_recipe_in_the_same_folder_is_refused(make: Make, change: str, said: str) -> None:
    run(make(), Seen().watch)
    with pytest.raises(TrainProblem, match=said) as told:
        run(make(change), Seen().watch)
    assert "\n" not in str(told.value)
    run(make("out.log_every=3", "out.keep=1"), Seen().watch)


def test_a_folder_with_something_else_is_refused_and_left_alone(make: Make, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("years of work")
    with pytest.raises(TrainProblem, match="holds something that is no training run"):
        run(make(), Seen().watch)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.txt"]
    (tmp_path / "file").write_text("x")
    with pytest.raises(TrainProblem, match="is a file"):
        run(make(out="file"), Seen().watch)


def test_two_at_once_in_one_folder_are_refused(make: Make) -> None:
    def second(step: int) -> None:
        if step == 2:
            with pytest.raises(TrainProblem, match="another process is training"):
                run(make(), Seen().watch)

    assert run(make(), Seen(at_step=second).watch).finished


@pytest.mark.parametrize(
    ("text", "changes", "said"),
    [
        ("", (), "no text in it"),
        ("x", (), "one row needs 17"),
        ("short text", (), "one row needs 17"),
        ("x" * 500, ("data.validation=0.001",), "one row needs 17"),
        ("x" * 500, ("model.heads=3",), "heads|head_dim"),
        ("x" * 500, ("train.steps=0",), "train.steps is 0"),
        ("x" * 500, ("optimiser.rate=-1",), "optimiser.rate is -1"),
        ("x" * 500, ("optimiser.rate=nan",), "optimiser.rate is nan"),
        ("x" * 500, ("train.device=cuda",), "sees no GPU"),
    ],
)
def test_what_cannot_be_trained_is_told(
    make: Make, corpus: Path, text: str, changes: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    corpus.write_text(text)
    with pytest.raises(OpenbookError, match=said) as told:
        run(make(*changes), Seen().watch)
    assert "\n" not in str(told.value)


def test_one_character_alone_can_be_learnt(make: Make, corpus: Path) -> None:
    corpus.write_text("x" * 500)
    result = run(make("train.steps=30", "optimiser.rate=0.01"), Seen().watch)
    assert result.loss is not None
    assert result.loss < 0.7
