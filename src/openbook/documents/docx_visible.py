"""Which words of a Word document are seen: none that are hidden, taken out by a tracked change, or a field's code."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FIELD = f"{_W}fldChar"
_PLACE = f"{_W}fldCharType"
_OFF = frozenset({"0", "false", "off"})
_MAX_STYLE_CHAIN = 10

TAKEN_OUT = frozenset(
    {
        f"{_W}del",
        f"{_W}moveFrom",
        f"{_W}instrText",
        f"{_W}delText",
        # the same text box again, for programs that do not know the first form
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    }
)


def hidden_styles(styles: Any) -> frozenset[str]:
    """The ids of the styles whose text is hidden, by themselves or by the style they are based on."""
    own: dict[str, bool] = {}
    based_on: dict[str, str] = {}
    for style in styles.iter(f"{_W}style"):
        key = style.get(f"{_W}styleId") or ""
        switch = style.find(f"{_W}rPr/{_W}vanish")
        if switch is not None:
            own[key] = _is_on(switch)
        based_on[key] = value_of(style.find(f"{_W}basedOn"))
    return frozenset(key for key in based_on if inherited(key, own, based_on))


def is_left_out(element: Any, hidden: frozenset[str]) -> bool:
    """Whether nothing below the element is seen. hidden: as ``hidden_styles`` has it."""
    if element.tag == f"{_W}r":
        return _is_hidden(element, hidden)
    if element.tag == f"{_W}tr":
        return element.find(f"{_W}trPr/{_W}del") is not None
    return element.tag in TAKEN_OUT


class Fields:
    """Which fields are open while a text is walked: between a field's beginning and its result stands its code.

    Fields that are not all closed are not followed, since the rest of the text would be taken for code.
    """

    def __init__(self, root: Any) -> None:
        places = [mark.get(_PLACE) for mark in root.iter(_FIELD)]
        self._followed = places.count("begin") == places.count("end")
        self._in_code: list[bool] = []

    def pass_over(self, elements: Iterable[Any]) -> None:
        """Take note of the marks of fields among these elements, in order."""
        for element in elements:
            if element.tag == _FIELD and self._followed:
                self._mark(element.get(_PLACE))

    @property
    def hide(self) -> bool:
        """Whether what comes now is the code of a field, or stands within one's code."""
        return any(self._in_code)

    def _mark(self, place: str | None) -> None:
        if place == "begin":
            self._in_code.append(True)
        elif place == "separate" and self._in_code:
            self._in_code[-1] = False
        elif place == "end" and self._in_code:
            self._in_code.pop()


def inherited(key: str, own: Mapping[str, T], based_on: Mapping[str, str]) -> T | None:
    """What a style says itself, or else what the style it is based on does; None where none does."""
    for _ in range(_MAX_STYLE_CHAIN):
        if key in own:
            return own[key]
        key = based_on.get(key, "")
    return None


def value_of(element: Any) -> str:
    """The element's ``w:val``, or nothing."""
    return "" if element is None else element.get(f"{_W}val") or ""


def _is_hidden(run: Any, hidden: frozenset[str]) -> bool:
    """By the run itself, or else by its style or its paragraph's: by both, it is shown again (ISO 29500-1, 17.7.3)."""
    switch = run.find(f"{_W}rPr/{_W}vanish")
    if switch is not None:
        return _is_on(switch)
    if not hidden:
        return False
    paragraph = next(run.iterancestors(f"{_W}p"), None)
    of_paragraph = "" if paragraph is None else value_of(paragraph.find(f"{_W}pPr/{_W}pStyle"))
    return (value_of(run.find(f"{_W}rPr/{_W}rStyle")) in hidden) != (of_paragraph in hidden)


def _is_on(switch: Any) -> bool:
    return value_of(switch).lower() not in _OFF
