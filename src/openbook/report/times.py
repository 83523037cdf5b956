"""How often a thing is seen, in words."""


def times_text(value: float) -> str:
    """``2.7 times``; ``0.03 times`` where a digit fewer would be 0.0."""
    return f"{value:.1f} times" if value >= 0.1 or not value else f"{value:.1g} times"
