"""Parse HTML, PDF and docx in a child process, so that a hostile file can neither hang nor crash the indexer.

One child serves many documents: a process for each would cost 0.1 s of imports every time. It is started with the first
document, started anew after one that it did not survive, after another memory limit is asked for, and after every
thousand documents, and ends with this process.
"""

import atexit
import os
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import openbook
from openbook.documents.extracted import Extracted
from openbook.documents.limits import Limits, in_megabytes
from openbook.documents.refused import Refused
from openbook.documents.worker import receive, send
from openbook.errors import OpenbookError

_DOCUMENTS_A_CHILD = 1_000
_UTF8_BYTES = 4
_lock = threading.Lock()


@dataclass(slots=True)
class _Child:
    process: "subprocess.Popen[bytes]"
    memory_bytes: int
    parent: int
    served: int = 0


@dataclass(slots=True)
class _Held:
    """The one child of this process, while there is one."""

    child: _Child | None = None


_held = _Held()


def extract_apart(kind: str, data: bytes, declared: str | None, limits: Limits) -> Extracted:
    """What the child takes out of ``data``. Raises Refused where that is broken, or needs too much time or memory."""
    with _lock:
        child = _child(limits)
        header = {"kind": kind, "declared": declared, "limits": asdict(limits)}
        answer, timed_out, whole = None, False, False
        try:
            answer, timed_out = _ask(child, header, data, limits)
            whole = answer is not None and not timed_out
        finally:
            if not whole:  # also after an interrupt: its next answer would be to this request
                close()
    if answer is None:
        if timed_out:
            raise Refused(f"takes over {limits.seconds:g} seconds to read: split it, or convert it to text")
        raise Refused(f"cannot be parsed: it is broken, or needs over {in_megabytes(limits.memory_bytes)} of memory")
    found, text = answer
    if "refused" in found:
        raise Refused(str(found["refused"]))
    return Extracted(text.decode("utf-8"), found["title"], found["meta"])


def close() -> None:
    """End the child, if there is one. Another starts when it is needed."""
    child, _held.child = _held.child, None
    if child is None or child.parent != os.getpid():  # a fork of ours does not own it
        return
    child.process.kill()
    for pipe in (child.process.stdin, child.process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue  # what was still to be flushed has no reader any more
    child.process.wait()


def _ask(child: _Child, header: dict[str, Any], data: bytes, limits: Limits) -> tuple[Any, bool]:
    """The answer, or None; and whether time ran out. Killing the child is what ends a read that waits for it."""
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        child.process.kill()

    timer = threading.Timer(limits.seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        send(_pipe(child.process.stdin), header, data)
        answer = receive(_pipe(child.process.stdout), limits.max_characters * _UTF8_BYTES)
    except (OSError, ValueError):  # it died while we wrote, or wrote what is no answer
        answer = None
    finally:
        timer.cancel()
        timer.join()  # it may just be killing the child
    return answer, expired.is_set()


def _child(limits: Limits) -> _Child:
    child = _held.child
    if (
        child is None
        or child.parent != os.getpid()
        or child.process.poll() is not None
        or child.served >= _DOCUMENTS_A_CHILD
        or child.memory_bytes != limits.memory_bytes
    ):
        close()
        child = _held.child = _Child(_start(limits.memory_bytes), limits.memory_bytes, os.getpid())
    child.served += 1
    return child


def _start(memory_bytes: int) -> "subprocess.Popen[bytes]":
    package_parent = str(Path(openbook.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, (package_parent, os.environ.get("PYTHONPATH"))))
    # -P: a file of the current folder must not pass for a module; it is the documents' folder more often than not
    command = [sys.executable, "-P", "-m", "openbook.documents.worker", str(memory_bytes)]
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
    except OSError as error:
        raise OpenbookError(
            f"the process that parses documents cannot be started ({error}): free some memory"
        ) from error


def _pipe(pipe: Any) -> BinaryIO:
    assert pipe is not None
    return pipe


atexit.register(close)
