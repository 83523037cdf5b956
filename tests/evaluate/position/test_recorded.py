"""Recorded runs: both forms are read, what is no record is said in one line."""

import pytest

from openbook.evaluate.position.probe import Row
from openbook.evaluate.position.recorded import row_of
from openbook.evaluate.scores import BadScores

NEEDLE = {"context_length": 1000, "depth_percent": 50.0, "score": 10, "needle": "Eat a sandwich."}
OURS = {"kind": "kv", "item": "pairs 1", "length": 75, "depth": 0.25, "right": 1.0}


def test_both_forms() -> None:
    assert row_of(NEEDLE, "f:1") == Row("needle", "Eat a sandwich.", 1000, 0.5, 1.0)
    assert row_of({**NEEDLE, "score": 6}, "f:1").right == 0.0
    assert row_of({**NEEDLE, "score": None}, "f:1") is None
    assert row_of(OURS, "f:1") == Row("kv", "pairs 1", 75, 0.25, 1.0)
    assert row_of({"length": 5, "depth": 0, "right": 0.5}, "f:1") == Row("needle", "item", 5, 0.0, 0.5)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"a": 1}, "no recorded probe"),
        ({**NEEDLE, "score": 11}, "no grade from 1 to 10"),
        ({**NEEDLE, "score": "10"}, "no number of ordinary size"),
        ({**NEEDLE, "score": True}, "no number of ordinary size"),
        ({**NEEDLE, "score": float("nan")}, "no number of ordinary size"),
        ({**NEEDLE, "depth_percent": 101}, "outside the context"),
        ({**NEEDLE, "depth_percent": None}, "outside the context"),
        ({**NEEDLE, "context_length": 0}, "no whole number"),
        ({**NEEDLE, "context_length": 10.5}, "no whole number"),
        ({**OURS, "right": 2}, "no share"),
        ({**OURS, "kind": "x"}, "kind is none of"),
    ],
)
def test_what_is_no_record_is_said_in_one_line(record: dict, says: str) -> None:
    with pytest.raises(BadScores, match=says) as caught:
        row_of(record, "f:3")
    assert str(caught.value).startswith("f:3")
