"""Where a reply's answer stands: its last word. What stands before may be worked steps, and is not read."""

LONGEST = 4_000
"""Characters of a reply; a longer one has no answer."""


def last_word(reply: str) -> str:
    """What stands behind the last blank; nothing where there is no word, or too much to be a reply."""
    words = reply.split() if len(reply) <= LONGEST else []
    return words[-1] if words else ""
