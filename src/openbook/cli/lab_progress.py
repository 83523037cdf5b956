"""How far an experiment is, on standard error."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from openbook.cli.progress import Lines, errors


@contextmanager
def lab_progress(quiet: bool) -> Generator[Callable[[float, str], None]]:
    """A bar of the work done, what is being done, and the time left."""
    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:3.0f}% · {task.description}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True, disable=quiet or not errors.is_terminal) as progress:
        task = progress.add_task("", total=1.0)
        lines = Lines(quiet=quiet)

        def show(share: float, what: str) -> None:
            lines.say(f"{share:.0%}: {what}")
            progress.update(task, completed=share, description=what)

        yield show
