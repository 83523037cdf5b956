"""The text that the shipped writer reads: a question, the numbered sentences it is to rest on, and where it goes on.

It was trained on this form and on no other, so it knows no instructions: neither ours nor a document's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from openbook.tokens import Tokenizer
from openbook.values import Prompt

MOST_SENTENCES = 6

_NUMBER = re.compile(r"\A\[\d+\]\n")
"""Other models are shown each document under its number; here it stands in the line."""


def grounded(question: str, sentences: Sequence[str]) -> str:
    """A line each, so that no text can begin a line of its own."""
    lines = [f"[{number}] {_line(said)}" for number, said in enumerate(sentences[:MOST_SENTENCES], start=1)]
    return "\n".join([f"Question: {_line(question)}", *lines, "Answer:"])


def grounded_of(prompt: Prompt) -> str:
    """The same of a prompt's parts: what the user asks last, and every document; a system's words are left out."""
    asked = [part.text for part in prompt if part.role == "user"]
    documents = [_NUMBER.sub("", part.text) for part in prompt if part.role == "document"]
    return grounded(asked[-1] if asked else "", documents)


def _line(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Grounded:
    """The prompt's parts as the ids that the writer reads. Whatever a text spells is ordinary text."""

    tokenizer: Tokenizer

    def __call__(self, prompt: Prompt) -> list[int]:
        return self.tokenizer.ids_of_parts(((grounded_of(prompt), False),))
