"""A server's process group does not outlive us, however we end: a small process of its own waits for that.

It holds the reading end of a pipe of which we hold the other. Where that is closed without a word, we are gone, killed
perhaps, and it ends the group.
"""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress

_KEEPER = """
import os, signal, sys
if not sys.stdin.buffer.read(1):
    os.killpg(int(sys.argv[1]), signal.SIGKILL)
"""


@contextmanager
def kept(group: int) -> Generator[None]:
    """While this is open. Where there are no process groups, or no process can be had, it goes on without."""
    keeper = None
    with suppress(OSError):
        keeper = None if os.name == "nt" else _started(group)
    try:
        yield
    finally:
        if keeper is not None:
            with suppress(OSError):
                keeper.communicate(b".")


def _started(group: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _KEEPER, str(group)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a signal to our own group is not for it
    )
