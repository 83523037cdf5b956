"""What a model is asked: the question as it came, worked examples as turns of their own, and the instruction last.

Last, so that nothing in a question has the last word. Examples and instructions are trusted; the question keeps its
labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from openbook.errors import OpenbookError
from openbook.values import TRUSTED, Label, Part, Prompt

MOST_EXAMPLES = 64


@dataclass(frozen=True, slots=True)
class Wording:
    """steps: the instruction of zero-shot chain of thought (Kojima et al. 2022 use its first five words). closing: asks
    once more for an answer that could not be read; empty never does. marked: how a worked example ends.
    """

    direct: str = "Reply with the answer alone."
    steps: str = "Let's think step by step, and end with a line that begins with: The answer is"
    closing: str = "So what is the answer? Reply with it alone."
    marked: str = "The answer is {answer}."


@dataclass(frozen=True, slots=True)
class Example:
    """steps: how the answer is reached, empty where only the answer is known."""

    question: str
    answer: str
    steps: str = ""


def direct_prompt(question: Prompt, wording: Wording) -> Prompt:
    return (*question, *_ours(wording.direct))


def steps_prompt(question: Prompt, wording: Wording) -> Prompt:
    """Zero-shot chain of thought."""
    return (*question, *_ours(wording.steps))


def few_shot_prompt(question: Prompt, examples: Sequence[Example], wording: Wording, *, worked: bool) -> Prompt:
    """Examples alone say what is wanted (Brown et al. 2020); worked: with their steps (Wei et al. 2022).

    Raises OpenbookError for no examples or too many, and for one without the steps that are to be shown.
    """
    if not 1 <= len(examples) <= MOST_EXAMPLES:
        raise OpenbookError(f"{len(examples)} examples cannot be shown: give 1 to {MOST_EXAMPLES}")
    if worked and any(not example.steps.strip() for example in examples):
        raise OpenbookError("an example has no steps to show: give each its steps, or ask for answers alone")
    turns: list[Part] = []
    for example in examples:
        turns.append(Part(example.question, TRUSTED, "user"))
        turns.append(Part(_shown(example, wording, worked=worked), TRUSTED, "assistant"))
    return (*turns, *question)


def closing_prompt(prompt: Prompt, text: str, wording: Wording) -> Prompt:
    """The answer asked for by itself, with the reasoning before it: Kojima's second question."""
    derived = reduce(Label.join, (part.label for part in prompt), TRUSTED)
    return (*prompt, Part(text, derived, "assistant"), *_ours(wording.closing))


def text_of(prompt: Prompt) -> str:
    """All parts as one text, for a scorer."""
    return "\n\n".join(part.text for part in prompt)


def _shown(example: Example, wording: Wording, *, worked: bool) -> str:
    end = wording.marked.format(answer=example.answer)
    return f"{example.steps.strip()}\n{end}" if worked else end


def _ours(text: str) -> Prompt:
    return (Part(text, TRUSTED, "user"),) if text else ()
