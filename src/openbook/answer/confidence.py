"""How sure an answer is: a logistic model over a few signals, and the threshold below which openbook abstains.

``benchmarks/calibration.py`` fits both on development questions and writes the file that this module reads.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp
from pathlib import Path

from openbook.answer.overlap import coverage, inverse_frequencies, question_stems, stems
from openbook.answer.read import ReaderWeights
from openbook.errors import OpenbookError
from openbook.values import Candidate, Json, Passage

SHIPPED = Path(__file__).parent.parent / "weights" / "answer" / "calibration.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """embedder: digest of the encoder it was fitted with. reader: how sentence signals add up. confidence: weight of
    each signal of ``answer_signals``, and ``bias``. threshold: least confidence that is shown as an answer."""

    embedder: str
    reader: ReaderWeights
    confidence: Mapping[str, float]
    threshold: float


def load_calibration(path: Path = SHIPPED, embedder: str | None = None) -> Calibration:
    """Raises OpenbookError where the file is missing, malformed, or fitted with an encoder other than ``embedder``."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        calibration = Calibration(
            str(raw["embedder"]),
            ReaderWeights(**{name: float(value) for name, value in raw["reader"].items()}),
            {str(name): float(value) for name, value in raw["confidence"].items()},
            float(raw["threshold"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OpenbookError(f"the calibration file {path} cannot be used ({error!r}): reinstall openbook") from error
    if embedder is not None and calibration.embedder != embedder:
        raise OpenbookError(f"the calibration file {path} was fitted with another encoder: reinstall openbook")
    return calibration


def calibration_json(calibration: Calibration) -> Mapping[str, Json]:
    """What ``load_calibration`` reads."""
    return asdict(calibration)


def answer_signals(question: str, passages: Sequence[Passage], candidates: Sequence[Candidate]) -> dict[str, float]:
    """What speaks for the best candidate: its own signals, how far its passage stands out, and which words are missing.

    ``found``: the largest share of the question's telling words in one passage; a word that none holds weighs most.
    """
    if not candidates:
        return dict.fromkeys(("cosine", "coverage", "passage", "found"), 0.0)
    held = [stems("\n".join((*passage.chunk.heading, passage.text))) for passage in passages]
    telling = inverse_frequencies(question_stems(question), held)
    return {**candidates[0].signals, "found": max((coverage(telling, words) for words in held), default=0.0)}


def confidence(signals: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The probability, in (0, 1), that the best candidate answers: 1 / (1 + e^-(bias + sum of weight * signal))."""
    total = weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * value for name, value in signals.items())
    return 1.0 / (1.0 + exp(-max(min(total, 60.0), -60.0)))
