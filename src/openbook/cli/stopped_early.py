"""What stops long work early, in one line: an interrupt, and what it leaves; a prompt over a model's context."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Protocol

import typer

from openbook.cli.progress import say
from openbook.errors import OpenbookError, PromptTooLong

GOES_ON = "the same command goes on from there"


@contextmanager
def told_at_an_interrupt(left: Callable[[], str]) -> Generator[None]:
    """left: says it, when it is known how far the work came."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"stopped: {left()}")
        raise typer.Exit(130) from None


@contextmanager
def told_where_a_run_stopped() -> Generator[None]:
    """Of a training run, whose checkpoints are kept."""
    try:
        yield
    except KeyboardInterrupt:
        say("openbook: interrupted; the same command goes on from the last checkpoint")
        raise typer.Exit(130) from None


class Ended(Protocol):
    """What every training run tells of its end."""

    @property
    def finished(self) -> bool: ...
    @property
    def step(self) -> int: ...


def end_where_stopped(result: Ended) -> None:
    """A run that was asked to stop ends the command too, with what is kept."""
    if not result.finished:
        say(f"openbook: stopped after step {result.step}, which is kept; {GOES_ON}")
        raise typer.Exit(130)


@contextmanager
def over_the_context(otherwise: str) -> Generator[None]:
    """Most of such a prompt is ours, so that to shorten it is no advice. otherwise: what else a person can do."""
    try:
        yield
    except PromptTooLong as error:
        why = str(error).removesuffix(": shorten it")
        raise OpenbookError(f"{why}: take a model with a larger context, or {otherwise}") from error
