"""A threshold belongs to its model."""

import json
from pathlib import Path

import pytest

from openbook.encode.threshold import read_threshold
from openbook.errors import OpenbookError


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"threshold": "x", "scorer": "m"}', '{"threshold": 1e999, "scorer": "m"}']
)
def test_a_broken_threshold_is_refused_with_what_to_do(tmp_path: Path, content: str) -> None:
    path = tmp_path / "threshold.json"
    path.write_text(content)
    with pytest.raises(OpenbookError, match=r"set it again"):
        read_threshold(path, "m", "set it again")


def test_a_threshold_of_another_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "threshold.json"
    path.write_text(json.dumps({"threshold": 1.5, "scorer": "m"}))
    assert read_threshold(path, "m", "set it again") == 1.5
    with pytest.raises(OpenbookError, match="another model"):
        read_threshold(path, "other", "set it again")
    with pytest.raises(OpenbookError, match="cannot be used"):
        read_threshold(tmp_path / "none.json", "m", "set it again")
