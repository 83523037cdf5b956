"""What a picture shows, as values: one group of like shapes, or two and how they lie to each other."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from openbook.diffusion.problems import DiffusionProblem

Kind: TypeAlias = Literal["circle", "square", "triangle", "cross"]
Colour: TypeAlias = Literal["red", "orange", "yellow", "green", "blue", "purple"]
Size: TypeAlias = Literal["small", "large"]
Relation: TypeAlias = Literal["left of", "right of", "above", "below"]

KINDS: tuple[Kind, ...] = get_args(Kind)
COLOURS: tuple[Colour, ...] = get_args(Colour)
SIZES: tuple[Size, ...] = get_args(Size)
RELATIONS: tuple[Relation, ...] = get_args(Relation)
MOST = 3
"""Shapes in a group at most."""

TURNED: dict[Relation, Relation] = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
"""A left of B is B right of A."""


@dataclass(frozen=True, slots=True)
class Group:
    """So many shapes of one kind and one colour. size: None where nothing is said of it."""

    kind: Kind
    colour: Colour
    count: int = 1
    size: Size | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST:
            raise DiffusionProblem(f"a group has 1 to {MOST} shapes, not {self.count}")


@dataclass(frozen=True, slots=True)
class Scene:
    """``first`` alone, or ``first`` standing in ``relation`` to ``second``, from which kind or colour tells it."""

    first: Group
    relation: Relation | None = None
    second: Group | None = None

    def __post_init__(self) -> None:
        if (self.relation is None) != (self.second is None):
            raise DiffusionProblem("a relation needs two groups of shapes, and two groups need a relation")
        if self.second is not None and (self.first.kind, self.first.colour) == (self.second.kind, self.second.colour):
            raise DiffusionProblem(
                f"both groups are {self.first.colour} and of kind {self.first.kind}: change one's colour or kind"
            )

    @property
    def groups(self) -> tuple[Group, ...]:
        return (self.first,) if self.second is None else (self.first, self.second)

    @property
    def turned(self) -> "Scene":
        """The same picture told from the other group; a group alone stays as it is."""
        if self.relation is None or self.second is None:
            return self
        return Scene(self.second, TURNED[self.relation], self.first)

    @property
    def canonical(self) -> "Scene":
        """Of the two ways to tell it, the one that says "left of" or "above"."""
        return self.turned if self.relation in ("right of", "below") else self
