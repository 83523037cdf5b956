"""How a model's texts begin and end, and how its conversations are set: what an export must say beside the weights."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Framing:
    """opening: ids that the tokenizer sets before each text. begin: the first of them, or what the model calls so.

    ends: ids that end a text, the chief one first. template: of conversations, Jinja; empty where there is none.
    """

    opening: tuple[int, ...] = ()
    begin: int | None = None
    ends: tuple[int, ...] = ()
    padding: int | None = None
    template: str = ""
