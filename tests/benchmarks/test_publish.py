"""What evidence says it was measured on: the code that ran, and no room that did not."""

from benchmarks.data import ROOT
from benchmarks.publish import loaded
from openbook.report import evidence


def test_loaded_are_the_files_that_this_process_runs() -> None:
    files = loaded()
    assert "benchmarks/publish.py" in files
    assert f"src/{evidence.__name__.replace('.', '/')}.py" in files
    assert all((ROOT / file).is_file() for file in files)
    assert not any(file.startswith("tests/") for file in files)
