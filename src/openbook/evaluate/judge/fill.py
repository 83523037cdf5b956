"""A form filled in by the judge: asked, once more where the reply is malformed, and else recorded as unread."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from openbook.errors import OpenbookError
from openbook.evaluate.judge.ask import Judge, NotRecorded, TooManyCalls
from openbook.evaluate.judge.cache import CacheProblem
from openbook.evaluate.judge.form import Form
from openbook.evaluate.judge.judgement import Unread
from openbook.evaluate.judge.prompts import again
from openbook.json_lines import shortened
from openbook.values import Decoding, Prompt, Token

T = TypeVar("T")

_SHOWN = 200
"""Characters of a reply that nothing could be read from."""


@dataclass(frozen=True, slots=True)
class Filled(Generic[T]):
    """value: None where nothing was read, and ``unread`` says why; error: what the engine said where it failed."""

    value: T | None
    tokens: tuple[Token, ...] = ()
    unread: Unread = ""
    error: OpenbookError | None = None

    @property
    def text(self) -> str:
        return "".join(token.text for token in self.tokens)

    @property
    def instead(self) -> str:
        """What stands in the place of a value: the start of the reply, or of what the engine said."""
        return "" if self.value is not None else shortened(str(self.error or self.text), _SHOWN) or "nothing"


def filled(
    judge: Judge, prompt: Prompt, decoding: Decoding, form: Form[T], *, secret: str = "", retry: bool = True
) -> Filled[T]:
    """secret: a word of the instructions; a reply that holds it is not read, and not asked for again."""
    try:
        tokens = judge.ask(prompt, decoding)
    except (TooManyCalls, CacheProblem):
        raise
    except NotRecorded as error:
        return Filled(None, unread="missing", error=error)
    except OpenbookError as error:
        return Filled(None, unread="failed", error=error)
    text = "".join(token.text for token in tokens)
    if secret and secret in text:
        return Filled(None, tokens, "leak")
    value = form.read(text)
    if value is not None:
        return Filled(value, tokens)
    if not retry:
        return Filled(None, tokens, "malformed")
    return filled(judge, again(prompt, form.wanted), decoding, form, secret=secret, retry=False)
