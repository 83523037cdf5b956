"""A threshold of a folder's own, kept beside its index: when to answer from these documents.

It belongs to the models and the calibration that it was measured with, and is refused with any others.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from openbook.answer.confidence import Calibration, calibration_json
from openbook.answer.trace import digest
from openbook.errors import OpenbookError

_LARGEST = 1_000_000
_REMEDY = "run `openbook calibrate DIR` again, or with --forget"


@dataclass(frozen=True, slots=True)
class FolderThreshold:
    """threshold: least confidence that is answered. calibration: digest of what confidence was computed by.

    questions: how many it was set on; made: whether openbook made them itself. asked: of a person's own, the digest of
    each, so that measuring on the same ones is noticed.
    """

    threshold: float
    calibration: str
    questions: int
    made: bool
    asked: tuple[str, ...] = ()


def beside(index: Path) -> Path:
    """Where the threshold of an index is kept."""
    return index.with_name(f"{index.name}.threshold.json")


def write_threshold(path: Path, found: FolderThreshold) -> None:
    """Whole or not at all. Raises OpenbookError where the disk does not let it."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
        scratch.replace(path)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise OpenbookError(
            f"{path} cannot be written ({error.strerror}): pass --index in a folder of yours"
        ) from error


def stated_threshold(path: Path) -> FolderThreshold | None:
    """As it stands in the file, whatever models it was set with; None where there is none. Raises OpenbookError."""
    try:
        with path.open("rb") as file:
            raw = json.loads(file.read(_LARGEST))
        found = FolderThreshold(
            float(raw["threshold"]),
            str(raw["calibration"]),
            int(raw["questions"]),
            bool(raw["made"]),
            tuple(str(one) for one in raw.get("asked", ())),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise OpenbookError(f"this folder's threshold in {path} cannot be read: {_REMEDY}") from error
    if not 0.0 <= found.threshold <= 1.0:
        raise OpenbookError(f"this folder's threshold is {found.threshold}, not a number from 0 to 1: {_REMEDY}")
    return found


def read_threshold(path: Path, calibration: Calibration) -> FolderThreshold | None:
    """None where the folder has none. Raises OpenbookError for a file that is broken or of other models."""
    found = stated_threshold(path)
    if found is not None and found.calibration != calibration_digest(calibration):
        raise OpenbookError(f"this folder's threshold was set with other models than those that answer now: {_REMEDY}")
    return found


def calibration_digest(calibration: Calibration) -> str:
    """Over the weights and the digests of the models, which decide a confidence; not over where it was cut before."""
    decides = ("embedder", "scorer", "reader", "rank", "confidence")
    return digest({name: value for name, value in calibration_json(calibration).items() if name in decides})


def question_digest(question: str) -> str:
    """Short, and the same whatever the blanks and capitals."""
    return hashlib.sha256(" ".join(question.casefold().split()).encode("utf-8", "replace")).hexdigest()[:12]


def set_on(found: FolderThreshold, questions: Sequence[str]) -> int:
    """How many of these questions the threshold was set on."""
    known = set(found.asked)
    return sum(question_digest(question) in known for question in questions)
