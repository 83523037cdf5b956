"""How the samples of a run are drawn, as a recipe says it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sheet:
    """A row for each class or text, ``columns`` a row. sampler: by the names of ``samplers/``. guidance: 1 for none."""

    steps: int = 20
    sampler: str = "ddim"
    guidance: float = 2.0
    columns: int = 8
    seed: int = 0
