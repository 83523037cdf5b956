"""How much of the outside world is let in: every bound of reading, in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Generous bounds, so that no single source can fill the memory or stop the others.

    max_bytes: of a file or page, as stored and, for pages, also unpacked. max_characters: of a document's text.
    max_files: found in one walk; max_entries: files and folders looked at; max_depth: folders below the root.
    seconds: to fetch a page, and to parse one document in a child process; memory_bytes: address space of that child.
    max_unpacked_bytes, max_parts: what a zipped document may hold. max_redirects: of one page.
    """

    max_bytes: int = 20_000_000
    max_characters: int = 20_000_000
    max_files: int = 100_000
    max_entries: int = 2_000_000
    max_depth: int = 64
    seconds: float = 60.0
    memory_bytes: int = 1_500_000_000
    max_unpacked_bytes: int = 200_000_000
    max_parts: int = 10_000
    max_redirects: int = 5


DEFAULT_LIMITS = Limits()


def in_megabytes(size: int) -> str:
    """``20 MB``, ``0.4 MB``: the way a size is said in messages."""
    return f"{size / 1e6:.1f}".removesuffix(".0") + " MB"
