"""Fill tables and figures in Markdown from evidence files: python -m openbook.report.docs [--check] README.md docs/*.md

A table stands between ``<!-- evidence: NAME [table] -->`` and ``<!-- end -->`` on lines of their own, a figure in a
sentence between ``<!-- figure: NAME key -->`` and ``<!-- end -->``; NAME is evidence/NAME.json. Marks in code, fenced
or right after a backtick, are left alone. Begin no line with a figure: Markdown would take the whole line for HTML.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from openbook.errors import OpenbookError
from openbook.report import evidence
from openbook.report.files import read_bounded, write_whole
from openbook.report.marks import Block, blocks
from openbook.report.markup import escaped_markdown, markdown
from openbook.report.problems import ReportProblem
from openbook.report.record import Evidence, check_name

_LARGEST = 4_000_000


def content(block: Block, folder: Path) -> str:
    """What belongs between the marks, from the evidence in ``folder``."""
    name, _, key = block.asked.strip().partition(" ")
    check_name(name)
    source = evidence.read(folder / f"{name}.json")
    return _table(source, key.strip()) if block.kind == "evidence" else _figure(source, key.strip())


def render(markdown_text: str, evidence_dir: Path) -> str:
    """The Markdown with every block filled anew; nothing outside of the marks is touched."""
    pieces: list[str] = []
    position = 0
    for block in blocks(markdown_text):
        filled = content(block, evidence_dir)
        if "\r\n" in markdown_text:
            filled = filled.replace("\n", "\r\n")
        pieces += [markdown_text[position : block.start], filled]
        position = block.end
    return "".join([*pieces, markdown_text[position:]])


def differing(markdown_text: str, evidence_dir: Path) -> list[str]:
    """One line for each block that is not what its evidence says, beginning with its line number."""
    return [
        f"{block.line}: {block.kind} {block.asked} differs from its evidence file"
        for block in blocks(markdown_text)
        if markdown_text[block.start : block.end].replace("\r\n", "\n") != content(block, evidence_dir)
    ]


def outdated(evidence_dir: Path) -> list[str]:
    """One line for each evidence file measured on code that has since changed."""
    return [
        f"{path}: measured on code that has since changed ({', '.join(changed[:5])}{', …' if len(changed) > 5 else ''})"
        for path in sorted(evidence_dir.glob("*.json"))
        if (changed := evidence.stale(path, evidence_dir.resolve().parent))
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0: all is as its evidence says, now or already; 1 with --check: a block differs; 2: bad input."""
    parser = argparse.ArgumentParser(prog="python -m openbook.report.docs", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 and name each block that differs")
    parser.add_argument("--evidence", type=Path, default=Path("evidence"), metavar="DIR", help="default: evidence")
    options = parser.parse_args(arguments)
    files: list[Path] = options.files
    try:
        lines = [line for file in files for line in _process(file, options.evidence, options.check)]
        warnings = outdated(options.evidence)
    except OpenbookError as problem:
        sys.stderr.write(f"error: {problem}\n")
        return 2
    sys.stderr.writelines(f"warning: {warning}\n" for warning in warnings)
    sys.stderr.writelines(f"{line}\n" for line in lines)
    if lines:
        sys.stderr.write("fill them: python -m openbook.report.docs " + " ".join(map(str, files)) + "\n")
    return 1 if lines else 0


def _process(file: Path, folder: Path, check: bool) -> list[str]:
    """Fill a file, or with ``check`` say what differs."""
    text = read_bounded(file, _LARGEST)
    try:
        if check:
            return [f"{file}:{line}" for line in differing(text, folder)]
        filled = render(text, folder)
    except ReportProblem as problem:
        raise ReportProblem(f"{file}: {problem}") from problem
    if filled != text:
        write_whole(file, filled)
    return []


def _table(source: Evidence, key: str) -> str:
    if not key and len(source.tables) == 1:
        key = next(iter(source.tables))
    if key not in source.tables:
        raise ReportProblem(f"{source.name}.json has no table {key!r}: name one of {sorted(source.tables)}")
    origin = f"Measured on {source.date[:10]} by `{source.command}`, kept in `evidence/{source.name}.json`."
    return f"\n{markdown(source.tables[key])}\n\n{origin}\n"


def _figure(source: Evidence, key: str) -> str:
    found = [figure for figure in source.figures if figure.name == key]
    if not found:
        known = sorted(figure.name for figure in source.figures)
        raise ReportProblem(f"{source.name}.json has no figure {key!r}: name one of {known}")
    return escaped_markdown(found[0].shown)


if __name__ == "__main__":
    sys.exit(main())
