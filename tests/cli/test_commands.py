"""The commands as a person types them: what they print, and how they exit."""

import itertools
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

import pytest

from openbook import __version__

RENT = "How much is the rent?"


def test_an_answer_is_quoted_with_its_place(run, notes: Path) -> None:
    done = run("ask", RENT, str(notes))
    assert done.code == 0
    assert "The rent is 950 euros a month, due on the third working day. [1]" in done.out
    assert "notes/lease.md:5" in done.out
    assert "every quote found again" in done.out
    assert "    «The rent is [950 euros a month], due on the third working day.»" in done.out.splitlines()
    assert max(map(len, done.out.splitlines())) <= 80
    assert "\x1b" not in done.out


def test_what_is_not_there_is_said(run, notes: Path) -> None:
    done = run("ask", "Who painted The Night Watch?", str(notes))
    assert done.code == 3
    assert "Not in these documents." in done.out


@pytest.mark.skipif(shutil.which("make") is None, reason="this system has no make")
def test_a_question_that_looks_like_an_option_is_one(run, notes: Path) -> None:
    makefile = Path(__file__).parents[2] / "Makefile"
    command = ["make", "-n", "-f", str(makefile), "ask", "Q=-k"]
    recipe = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    assert 'openbook ask -- "$Q" "handbook"' in recipe
    assert run("ask", "--", "-k", str(notes)).code == 3


def test_json_holds_everything(run, notes: Path) -> None:
    answer = run("ask", RENT, str(notes), "--json").json
    citation = answer["sentences"][0]["citations"][0]
    text = (notes / "lease.md").read_text(encoding="utf-8")
    assert text[citation["span"]["start"] : citation["span"]["end"]] == citation["quote"]
    assert answer["audit"] == [{"verdict": "found", "reason": ""}] * len(answer["audit"])
    assert {stage["name"] for stage in answer["trace"]["stages"]} >= {"embed", "lexical", "dense", "read", "choose"}


@pytest.mark.parametrize(
    ("switches", "signals"),
    [((), {"relevance", "rank"}), (("--no-rerank",), {"relevance"}), (("--no-read",), set())],
)
def test_stages_can_be_switched_off(run, notes: Path, switches: tuple[str, ...], signals: set[str]) -> None:
    answer = run("ask", RENT, str(notes), "--json", *switches).json
    assert set(answer["passages"][0]["signals"]) & {"relevance", "rank"} == signals
    assert "950 euros" in answer["sentences"][0]["text"]


def test_a_question_may_be_piped_in(run, notes: Path) -> None:
    assert "950 euros" in run("ask", "-", str(notes), stdin=RENT).out


def test_this_folder_is_the_default(run, notes: Path) -> None:
    assert "950 euros" in run("ask", RENT, cwd=notes).out


def test_a_single_file_is_a_source(run, notes: Path) -> None:
    assert run("ask", "When was the pear tree planted?", str(notes / "garden.txt")).code == 0
    assert run("ask", RENT, str(notes / "garden.txt")).code == 3


def test_search_shows_each_stage(run, notes: Path) -> None:
    done = run("search", "pear tree", str(notes))
    assert done.code == 0
    assert "garden.txt:1" in done.out
    best = run("search", "pear tree", str(notes), "--json").json["passages"][0]
    assert set(best["signals"]) == {"bm25", "dense", "fused"}


def test_index_reports_what_it_did(run, notes: Path) -> None:
    first = run("index", str(notes), "--json").json
    assert len(first["added"]) == 2
    (notes / "garden.txt").unlink()
    (notes / "empty.txt").write_bytes(b"")
    second = run("index", str(notes))
    assert "1 removed, 1 unchanged" in second.out
    assert "skipped notes/empty.txt" in second.out


def test_status_tells_changes(run, notes: Path) -> None:
    run("index", str(notes))
    assert run("status", str(notes), "--check").code == 0
    (notes / "new.txt").write_text("New.", encoding="utf-8")
    done = run("status", str(notes), "--json")
    assert done.code == 1
    assert [Path(uri).name for uri in done.json["changed"]] == ["new.txt"]


def test_a_stale_file_is_said_and_update_takes_it_up(run, notes: Path) -> None:
    run("ask", RENT, str(notes))
    path = notes / "lease.md"
    path.write_text(path.read_text(encoding="utf-8").replace("950", "990"), encoding="utf-8")
    done = run("ask", RENT, str(notes))
    assert "lease.md changed or went after it was indexed" in done.out
    assert "lease.md changed or went after it was indexed" in run("search", "rent", str(notes)).out
    assert [Path(uri).name for uri in run("search", "rent", str(notes), "--json").json["stale"]] == ["lease.md"]
    assert "990 euros" in run("ask", RENT, str(notes), "--update").out


def test_a_saved_answer_replays(run, notes: Path, tmp_path: Path) -> None:
    saved = tmp_path / "answer.json"
    saved.write_text(run("ask", RENT, str(notes), "--json").out, encoding="utf-8")
    done = run("replay", str(saved))
    assert (done.code, "every stage is the same" in done.out) == (0, True)
    (notes / "more.txt").write_text("The rent of the garage is 40 euros.", encoding="utf-8")
    run("index", str(notes))
    done = run("replay", str(saved), "--json")
    assert (done.code, done.json["first"]) == (1, "lexical")


def test_a_falsified_answer_is_not_approved(run, notes: Path, tmp_path: Path) -> None:
    saved = tmp_path / "answer.json"
    saved.write_text(run("ask", RENT, str(notes), "--json").out.replace("950 euros", "95 euros"), encoding="utf-8")
    done = run("replay", str(saved))
    assert done.code == 1
    assert "the first stage that differs: answer" in done.out


def test_a_saved_answer_may_be_piped_in(run, notes: Path) -> None:
    saved = run("ask", RENT, str(notes), "--json").out
    assert "every stage is the same" in run("replay", "-", stdin=saved).out


def test_a_quote_that_is_gone_is_said_first(run, notes: Path) -> None:
    run("index", str(notes))
    (notes / "lease.md").unlink()
    done = run("ask", RENT, str(notes))
    assert done.code == 1
    assert "lease.md any more: the file is gone" in " ".join(done.out.split()[:20])
    assert run("ask", RENT, str(notes), "--json").json["audit"][0]["verdict"] == "missing"
    assert run("ask", RENT, str(notes), "--json").code == 1
    assert run("ask", RENT, str(notes), "--update").code == 3


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


def test_a_saved_answer_is_not_bound_to_a_folder(run, notes: Path, tmp_path: Path) -> None:
    saved = run("ask", RENT, str(notes), "--index", "mine.sqlite", "--json").out
    assert run("replay", "-", stdin=saved, cwd=notes).code == 0


def test_a_replay_says_that_the_file_changed_since(run, notes: Path) -> None:
    saved = run("ask", RENT, str(notes), "--json").out
    lease = notes / "lease.md"
    lease.write_text(lease.read_text(encoding="utf-8").replace("950", "999"), encoding="utf-8")
    done = run("replay", "-", stdin=saved)
    assert (done.code, "lease.md changed since it was indexed" in " ".join(done.out.split())) == (0, True)


def watching(environment: dict[str, str], folder: Path, until: str = "watching") -> subprocess.Popen[str]:
    """``openbook index FOLDER --watch``, at the moment when it watches, or says what is waited for."""
    process = subprocess.Popen(
        [sys.executable, "-m", "openbook", "index", str(folder), "--watch"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background starts deaf to it
    )
    for line in process.stderr:
        if until in line:
            break
    return process


@pytest.mark.slow
def test_a_watched_folder_that_goes_is_waited_for(
    environment: dict[str, str], run, notes: Path, tmp_path: Path
) -> None:
    process = watching(environment, notes)
    said: list[str] = []

    def wait_for(part: str, stream: TextIO = process.stderr) -> None:
        for line in stream:
            said.append(line)
            if part in line:
                return
        pytest.fail(f"it ended without {part!r}: {said}")

    try:
        shutil.move(notes, tmp_path / "elsewhere")
        wait_for("is gone: what was indexed is kept")
        (tmp_path / "elsewhere" / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
        shutil.move(tmp_path / "elsewhere", notes)
        wait_for("1 added, 2 unchanged", process.stdout)
        for path in notes.iterdir():
            path.unlink()
        wait_for("there is no readable document")
        (notes / "cat.txt").write_text("The cat is called Tao.", encoding="utf-8")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and "Tao" not in run("ask", "What is the cat called?", str(notes)).out:
            time.sleep(0.2)
        assert "Tao" in run("ask", "What is the cat called?", str(notes)).out
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_an_empty_folder_is_watched_for_its_first_file(environment: dict[str, str], run, tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    process = watching(environment, folder, until="inbox: waiting for one")
    try:
        assert next(process.stderr).startswith("watching for changes")
        (folder / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
        assert next(process.stdout).startswith("1 added")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert run("index", str(tmp_path / "gone"), "--watch").code == 2


@pytest.mark.slow
def test_watch_takes_up_changes(environment: dict[str, str], run, notes: Path) -> None:
    process = watching(environment, notes)
    try:
        (notes / "late.txt").write_text("The cellar is damp in April.", encoding="utf-8")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and run("ask", "When is the cellar damp?", str(notes)).code != 0:
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, "Traceback" in errors) == (0, False)
    assert "April" in run("ask", "When is the cellar damp?", str(notes)).out


def test_version_and_help(run) -> None:
    assert run("--version").out.strip() == f"openbook {__version__}"
    assert "Examples" in run("--help").out
    for command in ("ask", "search", "index", "status", "replay"):
        assert run(command, "--help").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ask", "", "{notes}"), "the question is empty"),
        (("ask", "x" * 100_000, "{notes}"), "100,000 characters"),
        (("ask", RENT, "/nowhere/at/all"), "there is no file or folder"),
        (("ask", RENT, "\0"), "cannot be read"),
        (("search", "?", "{notes}"), "no letter or digit"),
        (("status", "--index", "/nowhere/index.sqlite"), "there is no index"),
        (("ask", RENT, "--index", "/nowhere/index.sqlite"), "there is no index"),
        (("ask", RENT, "{notes}", "--index", "a", "--store", "sqlite:b"), "give one of them"),
        (("replay", "/nowhere.json"), "cannot be read"),
        (("index", "copy", "sqlite:a", "sqlite:a"), "same store"),
        (("index", "{notes}", "--index", "/nowhere/at/all.sqlite"), "there is no folder /nowhere/at"),
        (("index", "{notes}", "--store", "milvus:"), "names no place"),
        (("ask", RENT, "http://127.0.0.1:1/"), "127.0.0.1"),
    ],
)
def test_bad_input_is_one_line(run, notes: Path, arguments: tuple[str, ...], said: str) -> None:
    if "\0" in arguments:
        pytest.skip("an operating system passes no NUL in an argument")
    done = run(*(argument.format(notes=notes) for argument in arguments))
    assert done.code == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1


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


def test_output_that_is_closed_is_said(environment: dict[str, str], notes: Path) -> None:
    script = f"{sys.executable} -m openbook ask rent {notes} >&-"
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


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


def test_a_document_cannot_drive_the_terminal(run, notes: Path) -> None:
    (notes / "evil.txt").write_text("The rent \x1b[31mof the cellar\x1b[0m is 7 euros \u202eagain.", encoding="utf-8")
    done = run("search", "rent of the cellar", str(notes))
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out


def test_output_may_be_cut_off(environment: dict[str, str], notes: Path) -> None:
    (notes / "long.txt").write_text("\n\n".join(f"The rent of flat {n} is {n} euros. " * 9 for n in range(90)))
    search = f"search rent {notes}"
    commands = [f"{search} -k 1 --json", f"{search} -k 90 --json", f"{search} -k 90", "ask --help", "--version"]
    for command, reader in itertools.product(commands, ("true", "head -c 5")):
        script = f"{sys.executable} -m openbook {command} | {reader}; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60)
        assert (command, done.returncode, done.stderr) == (command, 0, "")


def test_a_cut_off_command_keeps_its_exit_code(environment: dict[str, str], notes: Path) -> None:
    for command, code in ((f"ask 'Who painted The Night Watch?' {notes}", 3), ("ask rent /nowhere/at/all", 2)):
        script = f"{sys.executable} -m openbook {command} 2>&1 | true; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


def test_nothing_is_counted_or_sent_home(run, notes: Path, tmp_path: Path) -> None:
    run("ask", RENT, str(notes))
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["openbook"]


def test_an_index_that_lacks_files_is_mentioned_with_an_answer(run, notes: Path) -> None:
    assert "--update" not in run("ask", RENT, str(notes)).err
    (notes / "blank.md").write_text("\n", encoding="utf-8")
    assert "--update" not in run("ask", RENT, str(notes)).err  # it is no document
    for number in range(3):
        (notes / f"later{number}.txt").write_text(f"The cat is called Ming {number}.", encoding="utf-8")
    done = run("ask", RENT, str(notes))
    assert done.code == 0
    assert "2 of 5 files are indexed: ask again with --update" in done.err or "2 of 6 files are indexed" in done.err
    assert "--update" in run("search", RENT, str(notes)).err


def test_a_new_file_is_mentioned_where_there_is_no_answer(run, notes: Path) -> None:
    run("index", str(notes))
    (notes / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
    done = run("ask", "What is the cat called?", str(notes))
    assert done.code == 3
    assert "--update" in done.err
    assert "Ming" in run("ask", "What is the cat called?", str(notes), "--update").out


def test_a_source_that_the_index_lacks_is_taken_up(run, notes: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
    index = str(tmp_path / "mine.sqlite")
    run("index", str(notes), "--index", index)
    assert "Ming" in run("ask", "What is the cat called?", str(other), "--index", index).out
    assert "950 euros" in run("ask", RENT, "--index", index).out


def test_named_sources_limit_the_answer(run, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
    run("index", str(notes), "other", "--index", "both.sqlite")
    assert run("ask", RENT, "other", "--index", "both.sqlite").code == 3
    assert "lease" not in run("search", RENT, "other", "--index", "both.sqlite").out
    assert "2 of the documents are of other sources" in run("status", "other", "--index", "both.sqlite").out
    saved = run("ask", RENT, str(notes), "--index", "both.sqlite", "--json").out
    assert run("replay", "-", stdin=saved).code == 0


def test_names_cannot_drive_the_terminal(run, notes: Path) -> None:
    (notes / "e\x1b[31mvil\n.txt").write_text("The cat is called Ming.", encoding="utf-8")
    done = run("ask", "What is the cat called?", str(notes))
    assert "Ming" in done.out
    assert "\x1b" not in done.out + done.err
    assert "vil .txt:1" in done.out


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


@pytest.mark.parametrize(
    "arguments", [("ask", RENT, ""), ("ask", RENT, "--store", "foo:bar"), ("index", ".", "--index", "/proc/x.sqlite")]
)
def test_more_bad_input_is_one_line(run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert len(done.err.strip().splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_said(environment: dict[str, str], notes: Path, unbuffered: str) -> None:
    environment = {**environment, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "openbook", "ask", RENT, str(notes), "--json"]
        done = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert "could not be written" in done.stderr
