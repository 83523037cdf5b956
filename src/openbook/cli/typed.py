"""What was typed or piped in, and JSON out."""

import json
import sys
from typing import Any

MAX_PIPED = 1_000_000


def read_question(question: str) -> str:
    """The question itself, or standard input for ``-``; only so much of it as could be a question."""
    return sys.stdin.read(MAX_PIPED) if question == "-" else question


def print_json(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
