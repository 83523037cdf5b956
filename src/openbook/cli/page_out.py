"""A command's tables and curves as one HTML file, where one was asked for."""

from collections.abc import Sequence
from pathlib import Path

from openbook.cli.new_folder import refuse_far, refuse_other_than_html
from openbook.cli.progress import say
from openbook.report.files import write_whole
from openbook.report.page import Section, page


def check_page(path: Path | None) -> None:
    """Before the work: raises OpenbookError where the page could not be written afterwards."""
    if path is not None:
        refuse_far(path, "the page")
        refuse_other_than_html(path)


def write_page(path: Path | None, title: str, sections: Sequence[Section]) -> None:
    """Nothing without a path."""
    if path is not None:
        write_whole(path, page(title, sections))
        say(f"written: {path}")
