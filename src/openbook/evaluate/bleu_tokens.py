"""How BLEU cuts texts into tokens: the WMT scripts' rules, for many lines at once.

13a: mteval-v13a, the field's default; intl: mteval-v14's international rules, which part every punctuation mark that
does not stand between digits; char: every character; none: what blanks part already.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, cast, get_args

from openbook.errors import MissingExtra

Tokeniser: TypeAlias = Literal["13a", "intl", "char", "none"]
TOKENISERS: tuple[Tokeniser, ...] = get_args(Tokeniser)

_ENTITIES = (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"))
_RULES_13A = (
    (re.compile(r"([!-&(-+:-@\[-`{-~/])"), r" \1 "),
    (re.compile(r"([^0-9])([.,])"), r"\1 \2 "),  # a dot or comma stays in a number
    (re.compile(r"([.,])([^0-9])"), r" \1 \2"),
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),
)


def tokenised(lines: Sequence[str], kind: Tokeniser = "13a", *, lowercase: bool = False) -> list[list[str]]:
    """The tokens of each line. Raises MissingExtra for "intl" without the package ``regex``."""
    stripped = [(line.lower() if lowercase else line).rstrip() for line in lines]
    if kind == "char":
        return [[character for character in line if not character.isspace()] for line in stripped]
    if kind == "none":
        return [line.split() for line in stripped]
    return _13a(stripped) if kind == "13a" else _intl(stripped)


def _13a(lines: Sequence[str]) -> list[list[str]]:
    """All lines as one text with a blank at both ends of each, as the script has it: no rule reaches across."""
    text = "\n".join(f" {_plain(line)} " for line in lines)
    for rule, instead in _RULES_13A:
        text = rule.sub(instead, text)
    return [line.split() for line in text.split("\n")] if lines else []


def _plain(line: str) -> str:
    line = line.replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    if "&" in line:
        for entity, character in _ENTITIES:
            line = line.replace(entity, character)
    return line


def _intl(lines: Sequence[str]) -> list[list[str]]:
    try:
        import regex
    except ImportError as error:
        raise MissingExtra("the tokeniser intl", "eval") from error
    compiled = cast("Any", regex).compile
    rules = (
        (compiled(r"(\P{N})(\p{P})"), r"\1 \2 "),
        (compiled(r"(\p{P})(\P{N})"), r" \1 \2"),
        (compiled(r"(\p{S})"), r" \1 "),
    )
    found: list[list[str]] = []
    for line in lines:
        text = line
        for rule, instead in rules:
            text = str(rule.sub(instead, text))
        found.append(text.split())
    return found
