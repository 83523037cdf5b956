"""The text that the shipped writer reads: a question, the numbered sentences it is to rest on, and where it goes on.

It was trained on this form and on no other, so it knows no instructions: neither ours nor a document's.
"""

from collections.abc import Sequence

from openbook.values import Prompt

MOST_SENTENCES = 6


def grounded(question: str, sentences: Sequence[str]) -> str:
    """A line each, so that no text can begin a line of its own."""
    lines = [f"[{number}] {_line(said)}" for number, said in enumerate(sentences[:MOST_SENTENCES], start=1)]
    return "\n".join([f"Question: {_line(question)}", *lines, "Answer:"])


def grounded_of(prompt: Prompt) -> str:
    """The same of a prompt's parts: what the user asks last, and every document; a system's words are left out."""
    asked = [part.text for part in prompt if part.role == "user"]
    documents = [part.text for part in prompt if part.role == "document"]
    return grounded(asked[-1] if asked else "", documents)


def _line(text: str) -> str:
    return " ".join(text.split())
