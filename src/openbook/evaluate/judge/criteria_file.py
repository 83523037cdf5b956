"""Criteria of one's own, from a TOML file: a table ``[[criteria]]`` for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openbook import recipes
from openbook.evaluate.judge.built_in import BUILT_IN
from openbook.evaluate.judge.criterion import BadCriterion, Criterion
from openbook.json_lines import shortened

MOST = 20


@dataclass(frozen=True, slots=True)
class _File:
    criteria: tuple[Criterion, ...]


def read_criteria(path: Path) -> tuple[Criterion, ...]:
    """Raises OpenbookError in one line for a file that holds no criteria, or some that nothing can be judged by."""
    if not path.is_file():
        raise BadCriterion(f"there is no file of criteria {path}: check the spelling, or name {', '.join(BUILT_IN)}")
    return recipes.read(path, _File).criteria


def named(names: Sequence[str]) -> tuple[Criterion, ...]:
    """Criteria by name or from files, in this order. Raises OpenbookError for what is neither or there twice."""
    found: list[Criterion] = []
    for name in names:
        if name in BUILT_IN:
            found.append(BUILT_IN[name])
        elif name.endswith(".toml"):
            found += read_criteria(Path(name))
        else:
            if "," in name:
                raise BadCriterion(
                    f"there is no criterion {shortened(name)}: give each by an option of its own, -c A -c B"
                )
            raise BadCriterion(f"there is no criterion {shortened(name)}: name {', '.join(BUILT_IN)}, or a FILE.toml")
    kept = {criterion.name: criterion for criterion in found}
    if len(kept) != len(found) or not 0 < len(found) <= MOST:
        raise BadCriterion(f"{len(found)} criteria of {len(kept)} names: give 1 to {MOST}, each of a name of its own")
    return tuple(found)
