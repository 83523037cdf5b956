"""config.json, read with suspicion: every value of the type and size it must have, or one line that names it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from openbook.model.config import BadCheckpoint

_LARGEST_FILE = 4_000_000
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Fields:
    """The values of one JSON object; ``where`` names it in errors."""

    values: Mapping[str, Any]
    where: str

    def integer(self, name: str, default: int | None = None, *, low: int = 1) -> int:
        found = self._get(name, default)
        if type(found) is not int or not low <= found <= _LARGEST:
            raise self._wrong(name, found, f"a whole number from {low} to {_LARGEST}")
        return found

    def optional_integer(self, name: str, default: int | None = None) -> int | None:
        """None where it is null; ``default`` where it is missing."""
        found = self.values.get(name, default)
        return None if found is None else self.integer(name, default)

    def number(self, name: str, default: float | None = None) -> float:
        found = self._get(name, default)
        if type(found) not in (int, float) or not math.isfinite(found):
            raise self._wrong(name, found, "a number")
        return float(found)

    def flag(self, name: str, default: bool) -> bool:
        found = self._get(name, default)
        if type(found) is not bool:
            raise self._wrong(name, found, "true or false")
        return found

    def one_of(self, name: str, known: Sequence[str], default: str | None = None) -> str:
        found = self._get(name, default)
        if not isinstance(found, str) or found not in known:
            raise self._wrong(name, found, f"one of those that openbook has: {', '.join(known)}")
        return found

    def strings(self, name: str) -> list[str] | None:
        found = self.values.get(name)
        if found is None:
            return None
        if not isinstance(found, list) or not all(isinstance(item, str) for item in cast("list[object]", found)):
            raise self._wrong(name, cast("object", found), "a list of strings")
        return cast("list[str]", found)

    def table(self, name: str) -> "Fields":
        """An object within; empty where it is missing or null."""
        found: object = self.values.get(name) or {}
        if not isinstance(found, dict):
            raise self._wrong(name, found, "an object")
        return Fields(cast("dict[str, Any]", found), f"{name} of {self.where}")

    def token(self, name: str, vocabulary: int) -> int | None:
        """An id of the vocabulary; None where it is missing or, as some files have it, no id at all."""
        found = self.values.get(name)
        return found if type(found) is int and 0 <= found < vocabulary else None

    def tokens(self, name: str, vocabulary: int) -> tuple[int, ...]:
        """One id, or a list of them."""
        found = self.values.get(name)
        each = cast("list[object]", found) if isinstance(found, list) else [found]
        return tuple(item for item in each if type(item) is int and 0 <= item < vocabulary)

    def refuse(self, name: str, *harmless: object) -> None:
        """Raise BadCheckpoint where a setting is on that changes the model in a way that openbook does not have."""
        if name in self.values and self.values[name] not in (None, *harmless):
            raise BadCheckpoint(
                f"{self.where} sets {name} to {_brief(self.values[name])}, which openbook does not have"
            )

    def _get(self, name: str, default: object) -> Any:
        found = self.values.get(name)
        found = default if found is None else found
        if found is None:
            raise BadCheckpoint(f"{self.where} lacks {name}: it is not the configuration of such a model")
        return found

    def _wrong(self, name: str, found: object, wanted: str) -> BadCheckpoint:
        return BadCheckpoint(f"{name} in {self.where} is {_brief(found)}; it must be {wanted}")


def read_fields(path: Path) -> Fields:
    """The object in a JSON file. Raises BadCheckpoint where it is missing, too large, or none."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            raise BadCheckpoint(f"{path} is larger than {_LARGEST_FILE:,} bytes: it is not the file of that name")
        found: object = json.loads(content)
    except OSError as error:
        raise BadCheckpoint(f"cannot read {path}: {error.strerror}; give the folder of a checkpoint") from error
    except (ValueError, RecursionError) as error:
        raise BadCheckpoint(f"{path} is not valid JSON: copy or download it again") from error
    if not isinstance(found, dict):
        raise BadCheckpoint(f"{path} does not hold a JSON object: copy or download it again")
    return Fields(cast("dict[str, Any]", found), str(path))


def _brief(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
