"""What stops long work early, in one line: an interrupt, and what it leaves; a prompt over a model's context."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

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
def over_the_context(otherwise: str) -> Generator[None]:
    """Most of such a prompt is ours, so that to shorten it is no advice. otherwise: what else a person can do."""
    try:
        yield
    except PromptTooLong as error:
        why = str(error).removesuffix(": shorten it")
        raise OpenbookError(f"{why}: take a model with a larger context, or {otherwise}") from error
