"""What every benchmark ends with: tables on the terminal, and one evidence file."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.data import EVIDENCE, ROOT, data_file
from openbook.evaluate.intervals import Interval
from openbook.report import evidence, terminal
from openbook.report.record import Figure
from openbook.report.tables import Column, Table


def publish(
    name: str,
    figures: Sequence[Figure],
    tables: Mapping[str, Table],
    *,
    data: Sequence[str],
    code: Sequence[str],
    seeds: Sequence[int] = (0,),
    versions: Mapping[str, str] | None = None,
    note: str = "",
    folder: Path | None = EVIDENCE,
) -> None:
    """Print the tables and write evidence/NAME.json, or into another ``folder``; None: print alone.

    data: names of the data files read. code: paths of what was measured besides the modules that this process has
    loaded, which are noted by themselves: weights, recipes, and what ran in processes of their own.
    """
    for table in tables.values():
        print(terminal.text(table))
        print()
    if folder is None:
        return
    inputs = {item: ROOT / item if (ROOT / item).exists() else data_file(item) for item in data}
    path = evidence.write(
        folder,
        name,
        figures,
        command=f"python -m benchmarks.{name}",
        inputs=inputs,
        code=[f"benchmarks/{name}.py", *code, *loaded()],
        seeds=seeds,
        tables=tables,
        versions=versions,
        note=note,
        packages=("numpy", "onnxruntime", "tokenizers"),
        root=ROOT,
    )
    print(f"written: {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}")


def loaded() -> list[str]:
    """The files of openbook and of the benchmarks that this process runs, from the repository's root."""
    files = {
        Path(file).resolve() for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))
    }
    ours = (ROOT / "src" / "openbook", ROOT / "benchmarks")
    return sorted(str(file.relative_to(ROOT)) for file in files if any(file.is_relative_to(folder) for folder in ours))


def columns(*names: str) -> tuple[Column, ...]:
    """The first column holds words, the others numbers."""
    return tuple(Column(name, "left" if position == 0 else "right") for position, name in enumerate(names))


def with_interval(found: Interval | None, digits: int = 3) -> str:
    """``0.812 (.801–.823)``"""
    if found is None:
        return "–"
    low, high = (f"{bound:.{digits}f}".removeprefix("0") for bound in (found.low, found.high))
    return f"{found.value:.{digits}f} ({low}–{high})"
