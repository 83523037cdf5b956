"""Small vocabularies learned from the samples and the handbook, once for all tests of this room."""

from pathlib import Path

import pytest
from token_samples import LANGUAGES

from openbook.tokens import Tokenizer, train_bpe, train_wordpiece

HANDBOOK = Path(__file__).parent.parent.parent / "handbook"


@pytest.fixture(scope="session")
def corpus() -> list[str]:
    """Every sample several times, so that pairs repeat, and three chapters of English."""
    chapters = [path.read_text(encoding="utf-8") for path in sorted(HANDBOOK.glob("0[1-3]*.md"))]
    assert len(chapters) == 3
    return [*LANGUAGES.values(), *LANGUAGES.values(), *chapters]


@pytest.fixture(scope="session")
def bpe(corpus: list[str]) -> Tokenizer:
    return train_bpe(corpus, 1200)


@pytest.fixture(scope="session")
def wordpiece(corpus: list[str]) -> Tokenizer:
    return train_wordpiece(corpus, 1200)
