"""Colours that stay apart for colour-blind eyes, on a light and on a dark ground.

Any two series colours of a ground differ by at least 18 (CIE 1976) as seen normally and by protanopes, deuteranopes and
tritanopes (simulated as by Machado et al. 2009), and each stands out from its ground by 3 : 1 or more;
``tests/report/test_palette.py`` measures it. Mark and dash repeat what colour says (``strokes.py``).
"""

from typing import NamedTuple


class Shade(NamedTuple):
    """One colour on a light and on a dark ground."""

    light: str
    dark: str


SURFACE = Shade("#ffffff", "#16181d")
INK = Shade("#1c1e21", "#eceef1")
MUTED = Shade("#5b616b", "#a7adb7")
GRID = Shade("#dfe2e7", "#333842")
SERIES = (
    Shade("#0b5cad", "#5b8df0"),
    Shade("#a33a00", "#f26a3d"),
    Shade("#18a370", "#52e0a8"),
    Shade("#7b3869", "#b864a4"),
    Shade("#b58613", "#f7cf4d"),
    Shade("#1d1f20", "#d5dae0"),
)

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif'
