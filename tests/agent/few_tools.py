"""A few small tools for plans in tests."""

from typing import Literal

from openbook.agent.declare import declared
from openbook.agent.tool import Tool


def search(query: str, most: int = 5) -> list[dict[str, str]]:
    """Search the documents.

    query: words to look for
    """
    return [{"text": f"{query} costs 40 euros", "place": str(number)} for number in range(most)]


def add(one: float, other: float) -> float:
    """Add two numbers."""
    return one + other


def send(to: str, body: str, kind: Literal["mail", "post"] = "mail") -> str:
    """Send a letter."""
    return f"{kind} to {to}: {body}"


def sort(rows: list[dict[str, int]]) -> list[dict[str, int]]:
    """Sort rows by their numbers."""
    return sorted(rows, key=lambda row: sorted(row.values()))


SEARCH = declared(search, effects=["reads"])
ADD = declared(add, content=["one", "other"], derived=True)
SEND = declared(send, effects=["sends"], content=["body"])
SORT = declared(sort, content=["rows"], derived=True)
TOOLS: tuple[Tool, ...] = (SEARCH, ADD, SEND, SORT)
