"""A small indexed folder and the shipped encoder, for everything that answers from them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from openbook.answer import AskSettings, ask
from openbook.answer.confidence import Calibration, load_calibration
from openbook.answer.read import SentenceReader
from openbook.encode import SentenceEncoder, open_encoder
from openbook.index.sqlite import SqliteStore, open_sqlite
from openbook.index.update import update
from openbook.values import Answer

FILES = {
    "lease.md": """# Lease of 12 Mill Lane

## Rent

The rent is 950 euros a month, due on the third working day. A late payment costs 15 euros.

## Notice

Either party may end the lease with a notice period of three months. The notice must be given in writing.
""",
    "garden.txt": """The pear tree was planted in 1987 by the northern wall.
It bears fruit every second year.

Roses are cut back in March, when the forsythia blooms.
""",
    "größe.md": "# Maße\n\nDer Tisch ist 180 Zentimeter lang — naïve façade, “quoted”.\n",
}


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    return open_encoder()


@pytest.fixture(scope="session")
def calibration(encoder: SentenceEncoder) -> Calibration:
    return load_calibration(embedder=encoder.digest)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = (tmp_path / "papers").resolve()
    path.mkdir()
    for name, text in FILES.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def store(folder: Path, tmp_path: Path, encoder: SentenceEncoder) -> Iterator[SqliteStore]:
    opened = open_sqlite(tmp_path / "index.sqlite", create={"embedder": encoder.digest, "dim": str(encoder.dim)})
    update(opened, encoder, [str(folder)], token_spans=encoder.token_spans)
    yield opened
    opened.close()


@pytest.fixture
def answer(store: SqliteStore, encoder: SentenceEncoder, calibration: Calibration) -> Callable[..., Answer]:
    def go(question: str, settings: AskSettings = AskSettings()) -> Answer:
        return ask(store, encoder, SentenceReader(encoder, calibration.reader), calibration, question, settings)

    return go
