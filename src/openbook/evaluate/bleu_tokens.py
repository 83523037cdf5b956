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
_MARKS = '!"#$%&()*+/:;<=>?@[\\]^_`{|}~'
# A character and what stands around it: the character comes first in the pattern, so that it is looked for quickly.
_DOT = re.compile(r"\.(?:(?<![0-9]\.)|(?![0-9]))")
_COMMA = re.compile(r",(?:(?<![0-9],)|(?![0-9]))")
_MINUS = re.compile(r"-(?<=[0-9]-)")
_PAIRED = re.compile(r"[.,](?=[.,])")


def tokenised(lines: Sequence[str], kind: Tokeniser = "13a", *, lowercase: bool = False) -> list[list[str]]:
    """The tokens of each line. Raises MissingExtra for "intl" without the package ``regex``."""
    stripped = [(line.lower() if lowercase else line).rstrip() for line in lines]
    if kind == "char":
        return [[character for character in line if not character.isspace()] for line in stripped]
    if kind == "none":
        return [line.split() for line in stripped]
    return _13a(stripped) if kind == "13a" else _intl(stripped)


def _13a(lines: Sequence[str]) -> list[list[str]]:
    """All lines as one text with a blank at both ends of each, as the script has it: no rule reaches across.

    The script's rules part a dot or comma unless digits stand at both of its sides. Only in runs of dots and commas,
    where one match eats what the next would need, do they come to something else, so that there they are followed.
    """
    whole = [f" {_plain(line)} " for line in lines]
    text = _parted("\n".join(whole))
    text = _MINUS.sub(" - ", _COMMA.sub(" , ", _DOT.sub(" . ", text)))
    found = [line.split() for line in text.split("\n")] if lines else []
    for number, line in enumerate(whole):
        if _PAIRED.search(line):
            found[number] = by_the_rules(line).split()
    return found


def by_the_rules(text: str) -> str:
    """mteval-v13a's four rules, one after another; tokens are what blanks part afterwards."""
    for rule, instead in _RULES_13A:
        text = rule.sub(instead, text)
    return text


def _parted(text: str) -> str:
    """The first rule: a mark is a token, but for dots, commas, dashes and apostrophes."""
    for mark in _MARKS:
        text = text.replace(mark, f" {mark} ")
    return text


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
