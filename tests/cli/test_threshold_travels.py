"""The threshold that calibration set is of the documents: it goes where they go, and stays or goes with them."""

from pathlib import Path

import pytest

from openbook.answer.confidence import SHIPPED_PAIR, load_calibration
from openbook.answer.folder_threshold import FolderThreshold, beside, calibration_digest, write_threshold
from openbook.encode.pair import open_pair

RENT = "How much is the rent?"


def calibrated(index: Path, threshold: float) -> None:
    """As ``openbook calibrate`` would leave it."""
    models = calibration_digest(load_calibration(SHIPPED_PAIR, scorer=open_pair().digest))
    write_threshold(beside(index), FolderThreshold(threshold, models, 200, made=True))


@pytest.fixture
def answered_from(run):
    """The threshold at which an index is answered from."""

    def of(index: Path) -> float:
        return run("ask", RENT, "--index", str(index), "--json").json["trace"]["settings"]["threshold"]

    return of


def test_it_travels_with_a_copy(run, notes: Path, tmp_path: Path, answered_from) -> None:
    one, two = tmp_path / "one.sqlite", tmp_path / "two.sqlite"
    run("index", str(notes), "--index", str(one))
    calibrated(one, 0.123)
    done = run("index", "copy", f"sqlite:{one}", f"sqlite:{two}")
    assert (done.code, len(done.err.strip().splitlines())) == (0, 1)
    assert "0.123, is copied too" in done.err
    assert answered_from(two) == answered_from(one) == 0.123
    assert run("index", "copy", f"sqlite:{one}", f"sqlite:{two}", "--json").json["threshold"] == 0.123


def test_a_former_one_goes_with_its_documents(run, notes: Path, tmp_path: Path, answered_from) -> None:
    one, two = tmp_path / "one.sqlite", tmp_path / "two.sqlite"
    (tmp_path / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
    run("index", str(notes), "--index", str(one))
    run("index", "cat.txt", "--index", str(two))
    calibrated(two, 0.123)
    assert run("index", "copy", f"sqlite:{one}", f"sqlite:{two}").code == 2
    assert answered_from(two) == 0.123
    done = run("index", "copy", f"sqlite:{one}", f"sqlite:{two}", "--replace")
    assert (done.code, f"the threshold that was set for sqlite:{two} is removed" in done.err) == (0, True)
    assert answered_from(two) == answered_from(one) != 0.123


def test_it_stays_when_the_same_documents_are_indexed_anew(run, notes: Path, tmp_path: Path, answered_from) -> None:
    index = tmp_path / "one.sqlite"
    run("index", str(notes), "--index", str(index))
    calibrated(index, 0.123)
    assert run("index", str(notes), "--index", str(index), "--rebuild").err == ""
    assert answered_from(index) == 0.123
    (tmp_path / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
    done = run("index", "cat.txt", "--index", str(index), "--rebuild")
    assert (done.code, len(done.err.strip().splitlines())) == (0, 1)
    assert "it was of documents outside these sources" in done.err
    assert answered_from(index) != 0.123


def test_status_shows_it(run, notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "one.sqlite"
    run("index", str(notes), "--index", str(index))
    assert run("status", str(notes), "--index", str(index), "--json").json["calibrated"] is None
    assert "calibrated" not in run("status", str(notes), "--index", str(index)).out
    calibrated(index, 0.123)
    seen = run("status", str(notes), "--index", str(index), "--json").json["calibrated"]
    assert (seen["threshold"], seen["questions"], seen["made"]) == (0.123, 200, True)
    said = run("status", str(notes), "--index", str(index)).out
    assert "  answers from 0.123, as calibrated on 200 made questions" in said.splitlines()


def test_a_copy_into_a_folder_that_is_not_there_is_refused(run, notes: Path, tmp_path: Path) -> None:
    run("index", str(notes), "--index", "one.sqlite")
    done = run("index", "copy", "sqlite:one.sqlite", f"sqlite:{tmp_path / 'no' / 'such' / 'two.sqlite'}")
    assert (done.code, len(done.err.strip().splitlines())) == (2, 1)
    assert f"there is no folder {tmp_path / 'no' / 'such'} for the index" in done.err
    assert not (tmp_path / "no").exists()
