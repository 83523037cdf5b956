"""The child process survives what it is given, is replaced where it does not, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pdf_writer import paragraph, pdf_file

from openbook.documents import Limits, child, load
from openbook.documents.child import close, extract_apart
from openbook.documents.refused import Refused
from openbook.errors import UnreadableSource

HTML = b"<title>T</title><p>words"
SLOW = b"<p " + b" ".join(b"a%d=1" % i for i in range(200_000)) + b">words"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    close()
    yield
    close()


def child_id() -> int:
    assert child._held.child is not None
    return child._held.child.process.pid


def test_one_child_serves_all_kinds() -> None:
    assert extract_apart("html", HTML, None, Limits()).text == "words"
    first = child_id()
    assert extract_apart("pdf", pdf_file([paragraph(["words"])]), None, Limits()).text == "words"
    with pytest.raises(Refused, match="broken"):
        extract_apart("docx", b"nothing", None, Limits())
    assert extract_apart("html", HTML, None, Limits()).title == "T"
    assert child_id() == first


def test_a_child_that_takes_too_long_is_ended_and_replaced() -> None:
    with pytest.raises(Refused, match=r"takes over 0\.5 seconds to read"):
        extract_apart("html", SLOW, None, Limits(seconds=0.5))
    assert child._held.child is None
    assert extract_apart("html", HTML, None, Limits()).text == "words"


def test_a_child_that_needs_too_much_memory_says_so_or_is_replaced() -> None:
    crowded = b"<p>" * 3_000_000
    with pytest.raises(Refused, match=r"of memory|too many elements"):
        extract_apart("html", crowded, None, Limits(memory_bytes=300_000_000))
    assert extract_apart("html", HTML, None, Limits(memory_bytes=300_000_000)).text == "words"


def test_a_child_that_dies_is_replaced() -> None:
    extract_apart("html", HTML, None, Limits())
    assert child._held.child is not None
    os.kill(child_id(), signal.SIGKILL)
    child._held.child.process.wait()
    assert extract_apart("html", HTML, None, Limits()).text == "words"


def test_an_interrupt_leaves_no_half_read_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    extract_apart("html", HTML, None, Limits())

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(child, "receive", interrupt)
    with pytest.raises(KeyboardInterrupt):
        extract_apart("html", b"<p>first", None, Limits())
    monkeypatch.undo()
    assert extract_apart("html", b"<p>second", None, Limits()).text == "second"


def test_threads_take_turns() -> None:
    found: dict[int, str] = {}

    def read(index: int) -> None:
        found[index] = extract_apart("html", b"<p>number %d" % index, None, Limits()).text

    threads = [threading.Thread(target=read, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {index: f"number {index}" for index in range(8)}


def test_a_module_in_the_current_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("docx", "lxml", "selectolax", "pypdfium2", "json", "openbook"):
        (tmp_path / f"{name}.py").write_text("open('run', 'w').close()\nraise SystemExit\n")
    (tmp_path / "page.html").write_bytes(HTML)
    monkeypatch.chdir(tmp_path)
    assert load(Path("page.html")).text == "words"
    assert not (tmp_path / "run").exists()


def test_an_answer_too_long_for_its_limit_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "long.html").write_bytes(b"<p>" + b"word " * 1000)
    with pytest.raises(UnreadableSource, match="holds over 100 characters of text"):
        load(tmp_path / "long.html", Limits(max_characters=100))


def test_the_child_ends_with_its_parent() -> None:
    code = (
        "import os\n"
        "from openbook.documents import Limits, child\n"
        "child.extract_apart('html', b'<p>x', None, Limits())\n"
        "print(child._held.child.process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    orphan = int(done.stdout)
    for _ in range(200):
        if not _is_alive(orphan):
            break
        time.sleep(0.05)
    assert not _is_alive(orphan)


def _is_alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    if sys.platform == "linux":
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True
