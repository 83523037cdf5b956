"""SVG written by hand: escaped text, short numbers, and colours that follow the reader's light or dark setting."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from openbook.report.characters import width
from openbook.report.markup import escaped_html
from openbook.report.palette import FONT, GRID, INK, MUTED, SERIES, SURFACE, Shade

WIDTH = 720
"""Pixels of every plot across."""

BEGINNING = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} '
"""Of every file, before what differs."""


@dataclass(frozen=True, slots=True)
class Svg:
    """A whole SVG document made by this room, safe to embed as it is; ``text`` goes into a file."""

    text: str


def number(value: float) -> str:
    """At most one decimal: a tenth of a pixel is finer than any screen."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def element(name: str, attributes: Mapping[str, str | float], *children: str) -> str:
    """One element. Attribute values are escaped; children must be elements or escaped text already."""
    written = "".join(
        f' {key}="{escaped_html(value) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"


def label(
    x: float,
    y: float,
    content: str,
    *,
    anchor: Literal["start", "middle", "end"] = "start",
    size: float = 13,
    shade: Shade = INK,
    turned: bool = False,
    bold: bool = False,
) -> str:
    """A text with its base line at y; turned: reading upwards."""
    attributes: dict[str, str | float] = {"x": x, "y": y, "font-size": size, **paint("fill", shade)}
    if anchor != "start":
        attributes["text-anchor"] = anchor
    if bold:
        attributes["font-weight"] = "600"
    if turned:
        attributes["transform"] = f"rotate(-90 {number(x)} {number(y)})"
    return element("text", attributes, escaped_html(content))


def text_width(content: str, size: float = 13) -> float:
    """Pixels that a text takes, estimated on the wide side of common sans-serif fonts."""
    narrow = sum(content.count(character) for character in "iljtfrI.,:;'|!()[] ")
    broad = sum(content.count(character) for character in "mwMW@%—…") + sum(c.isupper() for c in content)
    return size * (0.63 * width(content) - 0.22 * narrow + 0.14 * broad)


def cut(content: str, room: float, size: float = 13) -> str:
    """The text, or its beginning and … where it would take more pixels than ``room``."""
    if text_width(content, size) <= room:
        return content
    kept = len(content)
    while kept and text_width(content[:kept] + "…", size) > room:
        kept -= 1
    return content[:kept].rstrip() + "…"


def lines_of(content: str, room: float, most: int, size: float = 13) -> list[str]:
    """The text on as few lines as it needs, ``most`` at most, of which each is cut to ``room`` pixels."""
    words = content.split(" ")
    lines = [words[0]]
    for word in words[1:]:
        if len(lines) == most or text_width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return [cut(line, room, size) for line in lines]


def paint(attribute: Literal["fill", "stroke"], shade: Shade) -> dict[str, str]:
    """The attribute in the light colour, and the class by which ``document`` makes it dark.

    The light colour is an attribute, not a style, so that programs without media queries draw it.
    """
    return {attribute: shade.light, "class": f"ob-{attribute[0]}{_SHADES.index(shade)}"}


def document(height: float, title: str, description: str, *children: str) -> Svg:
    """A whole SVG: title and description for screen readers, the ground, and a style for dark settings."""
    dark = "".join(
        f".ob-{attribute[0]}{index}{{{attribute}:{shade.dark}}}"
        for index, shade in enumerate(_SHADES)
        for attribute in ("fill", "stroke")
    )
    style = f"<style>@media (prefers-color-scheme:dark){{{dark}}}</style>"
    ground = element("rect", {"width": WIDTH, "height": height, **paint("fill", SURFACE)})
    attributes: dict[str, str | float] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {WIDTH} {number(height)}",
        "width": WIDTH,
        "height": height,
        "role": "img",
        "font-family": FONT,
    }
    spoken = f"<title>{escaped_html(title)}</title><desc>{escaped_html(description)}</desc>"
    return Svg(element("svg", attributes, spoken, style, ground, *children) + "\n")


_SHADES = (SURFACE, INK, MUTED, GRID, *SERIES)
