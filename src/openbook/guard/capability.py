"""What a tool may do to the world, and what each of its arguments may be made of: declared with the tool, not guessed.

Capabilities in the sense of CaMeL (Debenedetti et al. 2025): data carry where they came from, tools say what they would
do, and a policy compares the two before anything happens.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Effect: TypeAlias = Literal["reads", "writes", "sends", "spends", "executes"]
"""reads: looks at something private. writes: changes what is kept here. sends: something leaves, a request for a page
included, whose address can carry a secret. spends: money or what cannot be had back. executes: runs a program."""

EFFECTS: tuple[Effect, ...] = get_args(Effect)


@dataclass(frozen=True, slots=True)
class Capability:
    """effects: all that a call may do; none: a calculation. content: the arguments that may be made of anything, since
    they choose nothing; every other one (a recipient, a path, a command, an address, an amount) is the request's.
    """

    tool: str
    effects: frozenset[Effect] = frozenset()
    content: frozenset[str] = frozenset()

    @property
    def acts(self) -> bool:
        """Whether a call changes or sends anything, rather than to look or to calculate."""
        return not self.effects <= {"reads"}
