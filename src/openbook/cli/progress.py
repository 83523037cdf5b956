"""Progress on standard error, where a person looks; nothing when it is not a terminal."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from openbook.index.update import Progress as Done

errors = Console(stderr=True)


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
    with Progress(*columns, console=errors, transient=True, disable=quiet or not errors.is_terminal) as progress:
        task = progress.add_task("indexing", total=1, chunks=0, rate="–")

        def show(done: Done) -> None:
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
        yield lambda done, total: progress.update(task, completed=done, total=total)
