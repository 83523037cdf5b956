"""A plot or a page takes the place of its like alone, and no file stays open behind the look."""

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from openbook.cli.new_folder import refuse_other_than_html, refuse_other_than_svg
from openbook.errors import OpenbookError
from openbook.report.page import Section, page
from openbook.report.svg import document


@pytest.mark.parametrize(
    ("refuse", "name", "ours"),
    [
        (refuse_other_than_svg, "a.svg", document(40, "Ours", "A plot.").text),
        (refuse_other_than_html, "a.html", page("Ours", [Section("", ["A page."])])),
    ],
)
def test_only_its_like_gives_way(tmp_path: Path, refuse: Callable[[Path], None], name: str, ours: str) -> None:
    path = tmp_path / name
    refuse(path)
    path.write_text(ours)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        refuse(path)
    for other in ("", "my own", '<svg xmlns="http://www.w3.org/2000/svg"/>', "<!doctype html>\n<title>My own</title>"):
        path.write_text(other)
        with pytest.raises(OpenbookError, match="name another file"):
            refuse(path)
    with pytest.raises(OpenbookError, match="is no name for a"):
        refuse(tmp_path / "a.txt")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / name).mkdir()
    with pytest.raises(OpenbookError, match="name another file"):
        refuse(tmp_path / "folder" / name)
