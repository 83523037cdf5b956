"""What a sitting of ``openbook rate`` came to, filled while it lasts."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Sitting:
    """What was done this time. rated, identical: questions, those that both ways answered alike.

    undone: choices taken back, of earlier sittings too. interrupted: ended by Ctrl-C.
    """

    rated: set[str] = field(default_factory=set[str])
    rated_before: int = 0
    identical: dict[str, None] = field(default_factory=dict[str, None])
    skipped: int = 0
    undone: int = 0
    interrupted: bool = False
