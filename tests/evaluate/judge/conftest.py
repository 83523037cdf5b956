"""One short case."""

import pytest

from openbook.evaluate.judge.case import Case


@pytest.fixture
def case() -> Case:
    return Case("1", ("A short text.",), source="The source.")
