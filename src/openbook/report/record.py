"""What an evidence file holds, as values: figures, tables, and all it takes to measure them again."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral

from openbook.report.numerals import figure_text
from openbook.report.problems import ReportProblem
from openbook.report.tables import Table

_KEY = re.compile(r"(?!.*--)[^\s<>](?:[^\n\r<>]{0,198}[^\s<>])?")  # stands inside an HTML comment
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_LARGEST = 1e300


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. low, high: its interval, if it has one; n: how many examples; note: what to know of it.

    text: how prose writes it; three significant digits if not given.
    """

    name: str
    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    n: int | None = None
    note: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        check_key(self.name)
        for field in ("value", "low", "high", "n"):
            given = getattr(self, field)
            if given is None:
                continue
            # A number of numpy's becomes Python's, which JSON can hold.
            plain = int(given) if isinstance(given, Integral) else float(given)
            if not -_LARGEST < plain < _LARGEST:  # neither holds of a NaN
                raise ReportProblem(f"the {field} of figure {self.name!r} is not finite: leave it out or mend it")
            object.__setattr__(self, field, plain)
        if (self.low is None) != (self.high is None) or (self.low or 0) > (self.high or 0):
            raise ReportProblem(f"figure {self.name!r} needs both ends of its interval, low <= high, or neither")

    @property
    def shown(self) -> str:
        return self.text or figure_text(self.value)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The figures and tables of one run, and all it takes to run it again and to see whether it still holds.

    date: UTC, ISO 8601. commit, tree: of git; tree is clean, dirty or unknown. inputs: SHA-256 by a name of the input.
    code: the measured paths as they were named, relative to the repository root; digests: SHA-256 by file.
    """

    name: str
    date: str
    command: str
    commit: str
    tree: str
    machine: str
    versions: Mapping[str, str]
    seeds: tuple[int, ...]
    inputs: Mapping[str, str]
    code: tuple[str, ...]
    digests: Mapping[str, str]
    figures: tuple[Figure, ...]
    tables: Mapping[str, Table]
    note: str = ""


def check_name(name: str) -> None:
    """Raise ReportProblem unless ``name`` can name an evidence file: letters, digits, dash, dot, underscore."""
    if not _NAME.fullmatch(name):
        raise ReportProblem(f"{name!r} cannot name an evidence file: use letters, digits, dashes, dots, underscores")


def check_key(key: str) -> None:
    """Raise ReportProblem unless ``key`` can name a figure or table inside a Markdown comment."""
    if not _KEY.fullmatch(key):
        raise ReportProblem(f"{key!r} cannot name a figure or table: use one line without <, > and --")


def check_names(evidence: Evidence) -> None:
    """Raise ReportProblem unless every name can be used, once each."""
    check_name(evidence.name)
    for name, times in Counter(figure.name for figure in evidence.figures).items():
        if times > 1:
            raise ReportProblem(f"{times} figures are named {name!r}: give each its own name")
    for key in evidence.tables:
        check_key(key)
