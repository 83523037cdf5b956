"""Progress on standard error, where a person looks: a bar on a terminal, and in a file or pipe a line now and then."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from openbook.index.update import Progress as Done

errors = Console(stderr=True)


LINE_SECONDS = 15.0
"""How often a long run says how far it is where no bar can be drawn."""


def say(line: str) -> None:
    """One line for a person, on standard error."""
    errors.print(line, style="dim", markup=False, highlight=False, soft_wrap=True)


@contextmanager
def indexing_progress(quiet: bool) -> Generator[Callable[[Done], None]]:
    """A bar of files with chunks, chunks a second and time left."""
    columns = (
        SpinnerColumn(),
        TextColumn("indexing"),
        BarColumn(bar_width=24),
        TextColumn(
            "{task.completed:.0f}/{task.total:.0f} files · {task.fields[chunks]} chunks · {task.fields[rate]}/s"
        ),
        TimeRemainingColumn(),
    )
    lines = Lines(quiet=quiet)
    with Progress(*columns, console=errors, transient=True, disable=quiet or not errors.is_terminal) as progress:
        task = progress.add_task("indexing", total=1, chunks=0, rate="–")

        def show(done: Done) -> None:
            lines.say(f"indexing: {done.files:,} of {done.files_total:,} files, {done.chunks:,} chunks")
            elapsed = progress.tasks[0].elapsed or 0.0
            rate = f"{done.chunks / elapsed:.0f}" if elapsed > 0.5 and done.chunks else "–"
            progress.update(task, completed=done.files, total=done.files_total, chunks=done.chunks, rate=rate)

        yield show


@contextmanager
def counted(what: str, *, quiet: bool) -> Generator[Callable[[int, int], None]]:
    """A bar of how many are done of how many, with the time left."""
    columns = (
        SpinnerColumn(),
        TextColumn(what),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True, disable=quiet or not errors.is_terminal) as progress:
        task = progress.add_task(what, total=1)
        lines = Lines(quiet=quiet)

        def show(done: int, total: int) -> None:
            lines.say(f"{what}: {done:,} of {total:,}")
            progress.update(task, completed=done, total=total)

        yield show


@contextmanager
def waiting(what: str, *, quiet: bool) -> Generator[None]:
    """A sign that work goes on whose length nobody knows."""
    if quiet or not errors.is_terminal:
        yield
        return
    with errors.status(what):
        yield


class Lines:
    """Says a line where there is no terminal, at most one in LINE_SECONDS, so that short runs say nothing."""

    def __init__(self, *, quiet: bool) -> None:
        self._silent = quiet or errors.is_terminal
        self._last = time.monotonic()

    def say(self, line: str) -> None:
        now = time.monotonic()
        if not self._silent and now - self._last >= LINE_SECONDS:
            self._last = now
            say(line)
