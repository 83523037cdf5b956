"""How far a run is: a bar on a terminal with what was last measured beside it, and elsewhere a line an evaluation."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from openbook.cli.progress import errors, say

Say = Callable[[Mapping[str, Any]], str]
"""What a row of metrics is worth saying, or nothing."""


class RunBar:
    """A context in which a run is shown. beside: what stands beside the steps, where it says something.

    told: the line of an evaluation, where no bar is seen. quiet: neither.
    """

    def __init__(self, verb: str, beside: Say, told: Say, *, quiet: bool) -> None:
        self.beside, self.told, self.quiet = beside, told, quiet
        self.live = errors.is_terminal and not quiet
        columns = (
            TextColumn(verb),
            BarColumn(bar_width=16),
            TextColumn("{task.completed:.0f}/{task.total:.0f}{task.fields[said]}"),
            TimeRemainingColumn(),
        )
        self.bar = Progress(*columns, console=errors, transient=True, disable=not self.live)
        self.task = self.bar.add_task(verb, total=1, said="", start=False)

    def __enter__(self) -> Self:
        self.bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.__exit__(kind, error, trace)

    def starts(self, begins: int, steps: int) -> None:
        """begins: the step that it goes on from, 0 for a new run."""
        if begins:
            say(f"going on from step {begins}")
        self.bar.update(self.task, total=steps, completed=begins)
        self.bar.start_task(self.task)

    def progress(self, step: int) -> None:
        if self.live:
            self.bar.update(self.task, completed=step)

    def record(self, row: Mapping[str, Any]) -> None:
        if said := self.beside(row):
            self.bar.update(self.task, said=f" · {said}")
        if not self.live and not self.quiet and (line := self.told(row)):
            say(line)


def nothing(_: object) -> None:
    """For what a run tells and nobody shows."""


def validated(row: Mapping[str, Any]) -> str:
    """The line of an evaluation by its loss alone."""
    return f"step {row['step']}: validation loss {row['validation_loss']:.4f}" if "validation_loss" in row else ""
