"""The rules of a page's own style sheets that hide something, for selectors of one class, identity or element."""

import re
from collections.abc import Mapping

from openbook.guard.markup import Value

_RULE = re.compile(r"([^{}]{1,400})\{([^{}]{0,2000})\}")
_COMMENT = re.compile(r"/\*[\s\S]{0,20000}?\*/")
_SIMPLE = re.compile(r"[a-zA-Z][\w-]*|[.#][\w-]+|[a-zA-Z][\w-]*[.#][\w-]+")
MOST_RULES = 5_000

Sheet = dict[str, str]
"""Declarations by selector."""


def add_rules(sheet: Sheet, text: str) -> None:
    """Rules of others, such as those of a medium, are read as if they held everywhere."""
    for found in _RULE.finditer(_COMMENT.sub("", text)):
        for selector in found[1].split(","):
            name = selector.strip()
            if _SIMPLE.fullmatch(name) and len(sheet) < MOST_RULES:
                sheet[name] = sheet.get(name, "") + ";" + found[2]


def declarations(sheet: Mapping[str, str], name: str, attributes: Mapping[str, Value]) -> str:
    """All that speaks to an element, its own style last."""
    classes = attributes["class"].text.split()[:50] if "class" in attributes else []
    identity = [attributes["id"].text] if "id" in attributes else []
    keys = [name, *(f"{tag}.{one}" for one in classes for tag in ("", name))]
    keys += [f"{tag}#{one}" for one in identity for tag in ("", name)]
    own = [attributes["style"].text] if "style" in attributes else []
    return ";".join([*(sheet[key] for key in keys if key in sheet), *own])
