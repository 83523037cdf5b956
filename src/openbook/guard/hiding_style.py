"""What a style does to the text of its element: takes it off the page, or leaves it there unreadable."""

import re
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

How: TypeAlias = Literal["", "unseen", "concealed"]
"""unseen: as honest pages hide a menu or a caption for screen readers. concealed: on the page, and not to be seen."""

_DECLARATION = re.compile(r"([\w-]{1,40})\s*:\s*([^;{}]{1,200})")
_SIZE = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|%|vw|vh)?(?![\w.])")
_READABLE_SIZE = {"px": 3.0, "pt": 2.0, "em": 0.15, "rem": 0.15, "%": 15.0, "": 0.5}
_FAR = -400
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+%?))?\s*\)")
_NAMED = {"white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250), "ivory": (255, 255, 240)}
_SAME = 12
"""Colours whose every channel differs by no more than this are one to the eye."""

Colour: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """How the text of an element looks. painted: a background that the source does not state may stand behind it."""

    gone: bool = False
    hidden: bool = False
    faint: bool = False
    tiny: bool = False
    ink: Colour | None = None
    paper: Colour = (255, 255, 255)
    painted: bool = False

    @property
    def how(self) -> How:
        if self.gone or self.hidden:
            return "unseen"
        same = self.ink is not None and not self.painted and _same(self.ink, self.paper)
        return "concealed" if self.faint or self.tiny or same else ""


def styled(look: Look, style: str) -> Look:
    """The look of an element with these declarations inside one of that look."""
    said = {name.lower(): value.strip().lower() for name, value in _DECLARATION.findall(style)}
    if said.get("display", "").startswith("none") or _off_page(said):
        look = replace(look, gone=True)
    if "visibility" in said:
        look = replace(look, hidden=said["visibility"].startswith(("hidden", "collapse")))
    if (opacity := _number(said.get("opacity", ""))) is not None and opacity <= 0.05:
        look = replace(look, faint=True)
    if (tiny := _tiny(said.get("font-size", ""))) is not None:
        look = replace(look, tiny=tiny)
    if "color" in said:
        faint = look.faint or said["color"].startswith("transparent") or _clear(said["color"])
        look = replace(look, ink=colour(said["color"]), faint=faint)
    ground = said.get("background-color") or said.get("background")
    if ground is not None:
        paper = colour(ground)
        unknown = paper is None and not ground.startswith(("none", "transparent", "inherit"))
        look = replace(look, paper=paper or look.paper, painted=unknown or (look.painted and paper is None))
    return look


def colour(said: str) -> Colour | None:
    """Black, white and what is given as numbers; of all others the eye is trusted."""
    if found := _HEX.search(said):
        digits = found[1] if len(found[1]) >= 6 else "".join(2 * d for d in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    if found := _RGB.search(said):
        return int(found[1]), int(found[2]), int(found[3])
    return next((value for name, value in _NAMED.items() if re.search(rf"\b{name}\b", said)), None)


def _clear(said: str) -> bool:
    found = _RGB.search(said)
    return bool(found and found[4] and (_number(found[4]) or 0.0) <= 0.05)


def _same(ink: Colour, paper: Colour) -> bool:
    return all(abs(a - b) <= _SAME for a, b in zip(ink, paper, strict=True))


def _number(said: str) -> float | None:
    found = _SIZE.match(said)
    return None if found is None else float(found[1])


def _tiny(said: str) -> bool | None:
    """None where the size is not given in a unit that is known."""
    found = _SIZE.match(said)
    if found is None:
        return False if said else None
    least = _READABLE_SIZE.get(found[2] or "")
    return None if least is None else abs(float(found[1])) < least


def _off_page(said: dict[str, str]) -> bool:
    """Moved out of the window, or clipped to nothing: how pages keep text for screen readers alone."""
    moved = [said[name] for name in ("left", "top", "right", "margin-left", "text-indent") if name in said]
    if any((_number(value) or 0.0) <= _FAR for value in moved):
        return True
    clipped = re.sub(r"[\s,]|px", "", said.get("clip", "")) in ("rect(0000)", "rect(1111)")
    return clipped or re.search(r"inset\((?:50|100)%", said.get("clip-path", "")) is not None
