"""Ask a model, read what it wrote, tell it what was wrong, and ask again: so often and no more.

What is told is made of what the model wrote, so it has the label of all that the model was shown: where a tainted text
was in view, the fault is material as well, and only the sentence that it cannot be used is ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from openbook.agent.reply import Heard, Reply, replied, unheard
from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.protocols import LanguageModel
from openbook.values import TRUSTED, Decoding, Label, Part, Prompt

T = TypeVar("T")

UNTOLD = "That cannot be used, or has failed."
"""What a model is told that is told nothing, for measuring what telling is worth."""

_SHOWN, _TOLD = 8_000, 2_000
"""Characters of a reply that are shown again, and of a fault."""


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """value: None where no reply could be read. label: of the last prompt. faults: of each reply that could not."""

    value: T | None
    label: Label
    faults: tuple[str, ...]


def corrected(
    model: LanguageModel,
    prompt: Prompt,
    decoding: Decoding,
    read: Callable[[str], T],
    corrections: int,
    heard: Heard = unheard,
    *,
    tells: bool = True,
) -> Read[T]:
    """read: raises OpenbookError for a reply that cannot be used. corrections: how often the model may mend it. tells:
    whether it learns what is wrong with it, or only that something is.

    Only the last reply and its fault are shown with the prompt, so that it never grows. A reply that comes again word
    for word is the last: the model does not heed what it is told. Raises what ``replied`` raises.
    """
    faults: list[str] = []
    said: set[str] = set()
    shown = prompt
    while True:
        reply = replied(model, shown, decoding, heard)
        try:
            return Read(read(reply.text), reply.label, tuple(faults))
        except OpenbookError as error:
            faults.append(why_unusable(str(error), reply))
        if len(faults) > corrections or reply.text in said:
            return Read(None, reply.label, tuple(faults))
        said.add(reply.text)
        shown = (*prompt, *told(reply.text, faults[-1] if tells else UNTOLD, reply.label))


def told(wrote: str, fault: str, label: Label) -> Prompt:
    """What a model wrote and why it cannot be used, both under the label of what it was shown."""
    again = "Your last reply cannot be used; why is said above. Write the whole JSON again with that mended."
    wrong = Part(fault[:_TOLD], label, "user" if label.trusted else "tool")
    return (Part(wrote[:_SHOWN] or "(nothing)", label, "assistant"), wrong, Part(again, TRUSTED, "user"))


def why_unusable(fault: str, reply: Reply) -> str:
    """The fault on one line, with a word where a bound ended the reply."""
    if not reply.text.strip():
        return "nothing was written: write the JSON"
    cut = f"the reply was cut after {reply.wrote:,} tokens, so write a shorter one; " if reply.cut else ""
    return cut + shortened(fault, _TOLD - 200)
