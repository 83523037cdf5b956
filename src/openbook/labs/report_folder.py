"""An experiment's outcome as a folder: a page, its tables as Markdown, its plots, and everything as JSON."""

from collections.abc import Mapping
from pathlib import Path

from openbook.report.files import write_whole
from openbook.report.markup import markdown
from openbook.report.svg import Svg
from openbook.report.tables import Table


def write_report(
    folder: Path, html: str, tables: Mapping[str, Table], plots: Mapping[str, Svg], json_text: str
) -> list[Path]:
    """Each file whole or not at all; their paths."""
    files = {
        "report.html": html,
        "tables.md": "\n\n".join(map(markdown, tables.values())) + "\n",
        "result.json": json_text,
        **{f"{name}.svg": drawn.text for name, drawn in plots.items()},
    }
    for name, text in files.items():
        write_whole(folder / name, text)
    return [folder / name for name in files]
