"""How sure an answer is: a logistic model over a few signals, and the threshold below which openbook abstains.

``benchmarks/calibration.py`` fits both on development questions and writes the file that this module reads.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import exp, isfinite
from pathlib import Path
from typing import cast

from openbook.answer.overlap import coverage, inverse_frequencies, question_stems, stems
from openbook.errors import OpenbookError
from openbook.values import Candidate, Json, Passage

WEIGHTS = Path(__file__).parent.parent / "weights" / "answer"
SHIPPED = WEIGHTS / "calibration.json"
SHIPPED_PAIR = WEIGHTS / "calibration-pair.json"
"""Without and with a pair encoder: the signals differ, so that nothing fitted on one serves the other."""

REMEDY = "reinstall openbook, or fit it again with python -m benchmarks.calibration --write"


@dataclass(frozen=True, slots=True)
class Calibration:
    """embedder, scorer: digests of the models it was fitted with; scorer is empty where there is no pair encoder.

    reader: how the signals of a sentence add up. rank: those of a passage. confidence: weight of each signal of
    ``answer_signals``, and ``bias``. threshold: least confidence that is shown as an answer. made: the share of made
    questions without an answer (see ``calibrate``) that it lets through on the pages it was fitted on.
    """

    embedder: str
    reader: Mapping[str, float]
    confidence: Mapping[str, float]
    threshold: float
    scorer: str = ""
    rank: Mapping[str, float] = field(default_factory=dict[str, float])
    made: float = 0.0


def load_calibration(path: Path = SHIPPED, embedder: str | None = None, scorer: str = "") -> Calibration:
    """Raises OpenbookError where the file is missing, malformed, or fitted with models other than these."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        calibration = Calibration(
            str(raw["embedder"]),
            _numbers(raw["reader"]),
            _numbers(raw["confidence"]),
            float(raw["threshold"]),
            str(raw.get("scorer", "")),
            _numbers(raw.get("rank", {})),
            float(raw["made"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OpenbookError(f"the calibration file {path} cannot be used ({error!r}): {REMEDY}") from error
    if embedder is not None and calibration.embedder != embedder:
        raise OpenbookError(f"the calibration file {path} was fitted with another encoder: {REMEDY}")
    if calibration.scorer != scorer:
        raise OpenbookError(f"the calibration file {path} was fitted with another pair encoder: {REMEDY}")
    return calibration


def _numbers(raw: Mapping[str, object]) -> dict[str, float]:
    found = {str(name): float(cast("float", value)) for name, value in raw.items()}
    if not all(map(isfinite, found.values())):
        raise ValueError("a weight is not finite")
    return found


def calibration_json(calibration: Calibration) -> Mapping[str, Json]:
    """What ``load_calibration`` reads."""
    return asdict(calibration)


def answer_signals(question: str, passages: Sequence[Passage], candidates: Sequence[Candidate]) -> dict[str, float]:
    """What speaks for the best candidate: its own signals, how far its passage stands out, and which words are missing.

    ``found``: the largest share of the question's telling words in one passage; a word that none holds weighs most.
    """
    if not candidates:
        return {}
    held = [stems("\n".join((*passage.chunk.heading, passage.text))) for passage in passages]
    telling = inverse_frequencies(question_stems(question), held)
    return {**candidates[0].signals, "found": max((coverage(telling, words) for words in held), default=0.0)}


def confidence(signals: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The probability, in (0, 1), that the best candidate answers: 1 / (1 + e^-(bias + sum of weight * signal))."""
    total = weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * value for name, value in signals.items())
    return 1.0 / (1.0 + exp(-max(min(total, 60.0), -60.0)))
