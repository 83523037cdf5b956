"""Where the public datasets are, and how they are read: gzipped JSON lines, split on newlines only."""

import gzip
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
EVIDENCE = ROOT / "evidence"


def data_file(name: str) -> Path:
    """``OPENBOOK_DATA/NAME``, by default in the folder ``shared/data`` beside the checkout."""
    folder = Path(os.environ.get("OPENBOOK_DATA", ROOT.parent / "shared" / "data"))
    path = folder / name
    if not path.is_file():
        sys.exit(f"there is no {path}: set OPENBOOK_DATA to the folder that holds {name}")
    return path


def read_rows(name: str) -> list[dict[str, Any]]:
    with gzip.open(data_file(name), "rt", encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def judgements(name: str) -> dict[str, dict[str, int]]:
    """Query id to relevant document ids with their grades."""
    found: dict[str, dict[str, int]] = {}
    for row in read_rows(name):
        found.setdefault(str(row["query_id"]), {})[str(row["doc_id"])] = int(row["relevance"])
    return found


def first_half(key: str) -> bool:
    """A fixed half of any keys, by hash: the one that is tuned on. The other half is reported."""
    return hashlib.sha256(key.encode("utf-8")).digest()[0] < 128
