"""``openbook index``, ``index copy`` and ``status``: what was done, what changed, what is damaged."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

RENT = "How much is the rent?"


def test_index_reports_what_it_did(run_alone, notes: Path) -> None:
    first = run_alone("index", str(notes), "--json").json
    assert len(first["added"]) == 2
    (notes / "garden.txt").unlink()
    (notes / "empty.txt").write_bytes(b"")
    second = run_alone("index", str(notes))
    assert "1 removed, 1 unchanged" in second.out
    assert "skipped notes/empty.txt" in second.out


def test_status_tells_changes(run_alone, notes: Path) -> None:
    run_alone("index", str(notes))
    assert run_alone("status", str(notes), "--check").code == 0
    (notes / "new.txt").write_text("New.", encoding="utf-8")
    done = run_alone("status", str(notes), "--json")
    assert done.code == 1
    assert [Path(uri).name for uri in done.json["changed"]] == ["new.txt"]


def test_an_index_of_ones_own(run, notes: Path, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "mine.sqlite"
    assert run("index", str(notes), "--index", str(path)).code == 0
    shutil.rmtree(notes)
    assert "950 euros" in run("ask", RENT, "--index", str(path)).out


def test_copy_proves_itself(run, notes: Path, tmp_path: Path) -> None:
    run("index", str(notes), "--index", str(tmp_path / "one.sqlite"))
    done = run("index", "copy", f"sqlite:{tmp_path / 'one.sqlite'}", f"sqlite:{tmp_path / 'two.sqlite'}")
    assert done.code == 0
    note = done.out[done.out.index("equal: the same") : done.out.index("index: sqlite:")]
    assert [len(line) > 60 for line in note.splitlines()] == [True, True, False]  # one paragraph, wrapped once
    assert "950 euros" in run("ask", RENT, "--index", str(tmp_path / "two.sqlite")).out


def test_copy_does_not_replace_another_index(run, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
    run("index", str(notes), "--index", "one.sqlite")
    run("index", "other", "--index", "two.sqlite")
    done = run("index", "copy", "sqlite:one.sqlite", "sqlite:two.sqlite")
    assert (done.code, "--replace" in done.err) == (2, True)
    assert "Ming" in run("ask", "What is the cat called?", "--index", "two.sqlite").out
    done = run("index", "copy", "sqlite:one.sqlite", "sqlite:two.sqlite", "--replace")
    assert (done.code, "1 of its documents are replaced" in " ".join(done.err.split())) == (0, True)


def test_an_empty_folder_is_said(run, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    done = run("ask", RENT, str(tmp_path / "nothing"))
    assert done.code == 2
    assert "there is no readable document" in done.err
    assert not list((tmp_path / "cache").rglob("index.sqlite"))
    assert run("status", str(tmp_path / "nothing")).code == 2


def test_what_is_no_index_gets_nothing_beside_it(run, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    for path in ("other", "a.json", "/dev/null"):
        assert run("ask", RENT, str(notes), "--index", path).code == 2
        assert run("index", str(notes), "--index", path).code == 2
        assert run("index", "copy", "sqlite:nothing", f"sqlite:{path}").code == 2
    assert sorted(path for path in tmp_path.iterdir() if path.name != "cache") == before
    assert not Path("/dev/null.lock").exists()


def test_a_stopped_run_says_what_is_kept(environment: dict[str, str], run, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(3000):
        (folder / f"{number}.txt").write_text(f"Flat {number} costs {number} euros. " * 20, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "openbook", "index", str(folder), "--index", str(tmp_path / "i.sqlite")],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (tmp_path / "i.sqlite-wal").exists():
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, "of 3,000 files are kept" in errors) == (130, True)


@pytest.mark.parametrize(
    "damage", [b"", b"not a database at all, but long enough to be read as one", b"SQLite format 3\0" + b"\0" * 2000]
)
def test_a_damaged_index_is_said(run, notes: Path, tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "index.sqlite"
    path.write_bytes(damage)
    done = run("ask", RENT, "--index", str(path))
    assert done.code == 2
    assert len(done.err.strip().splitlines()) == 1
    assert path.read_bytes() == damage


def test_a_damaged_index_is_built_again(run, notes: Path, tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    run("index", str(notes), "--index", str(path))
    data = bytearray(path.read_bytes())
    data[5000:30000] = b"\xff" * 25000
    path.write_bytes(data)
    done = run("ask", RENT, "--index", str(path))
    assert (done.code, "--rebuild" in done.err) == (2, True)
    assert run("index", str(notes), "--index", str(path), "--rebuild").code == 0
    assert run("ask", RENT, "--index", str(path)).code == 0


def test_a_file_that_is_no_index_is_not_removed(run, notes: Path, tmp_path: Path) -> None:
    path = tmp_path / "precious.txt"
    path.write_text("my thesis", encoding="utf-8")
    done = run("index", str(notes), "--index", str(path), "--rebuild")
    assert done.code == 2
    assert path.read_text(encoding="utf-8") == "my thesis"


def test_status_is_up_to_date_beside_files_that_are_no_documents(run, notes: Path) -> None:
    (notes / "blank.md").write_text("\n", encoding="utf-8")
    run("index", str(notes))
    done = run("status", str(notes))
    assert (done.code, "1 file is left out" in done.out) == (0, True)


def test_a_copy_of_a_file_elsewhere_has_not_moved(run, notes: Path, tmp_path: Path) -> None:
    index = str(tmp_path / "mine.sqlite")
    run("index", str(notes), "--index", index)
    shutil.copytree(notes, tmp_path / "twin")
    done = run("index", str(tmp_path / "twin"), "--index", index, "--json").json
    assert (len(done["added"]), done["moved"], done["embedded"]) == (2, [], 0)


def test_a_folder_whose_files_are_all_gone_is_brought_up_to_date(run, notes: Path) -> None:
    run("index", str(notes))
    for path in notes.iterdir():
        path.unlink()
    done = run("index", str(notes), "--json")
    assert (done.code, len(done.json["removed"])) == (0, 2)
    assert run("index", str(notes)).code == 2  # there is nothing to read, and nothing was


def test_a_link_to_the_index_is_no_other_store(run, notes: Path, tmp_path: Path) -> None:
    run("index", str(notes), "--index", str(tmp_path / "a.sqlite"))
    (tmp_path / "hard.sqlite").hardlink_to(tmp_path / "a.sqlite")
    (tmp_path / "soft.sqlite").symlink_to(tmp_path / "a.sqlite")
    for link in ("hard.sqlite", "soft.sqlite"):
        done = run("index", "copy", f"sqlite:{tmp_path / 'a.sqlite'}", f"sqlite:{tmp_path / link}")
        assert (done.code, "are the same store" in done.err) == (2, True)
