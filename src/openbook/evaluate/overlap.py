"""The overlap measures by name: a score of all texts with its interval, and how it came about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from openbook.evaluate import bleu as bleus
from openbook.evaluate import chrf as chrfs
from openbook.evaluate.bleu import BleuSettings
from openbook.evaluate.chrf import ChrfSettings
from openbook.evaluate.intervals import Interval, bootstrap_mean
from openbook.evaluate.ngrams import Ints
from openbook.evaluate.references import one_number
from openbook.evaluate.rouge import KINDS, Scores, rouge

MEASURES = ("bleu", "chrf", "chrf++", *KINDS)
RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Measured:
    """score: 0 to 100. interval: 95 %, over the texts; None for a single text. each: every text's own score."""

    name: str
    score: float
    interval: Interval | None
    signature: str
    each: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class OverlapSettings:
    """How the measures cut and compare. stem: of ROUGE, whose words are always lower-case."""

    bleu: BleuSettings = field(default_factory=BleuSettings)
    chrf: ChrfSettings = field(default_factory=ChrfSettings)
    stem: bool = False


def measured(
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    names: Sequence[str] = MEASURES,
    settings: OverlapSettings = OverlapSettings(),
) -> list[Measured]:
    """One or more references for each text. Raises ValueError for an unknown measure and where the numbers differ."""
    kinds = [name for name in names if name in KINDS]
    scores: Mapping[str, Scores] = rouge(hypotheses, references, kinds, stem=settings.stem) if kinds else {}
    found: list[Measured] = []
    for name in names:
        if name in scores:
            f1 = scores[name][:, 2] * 100
            signature = f"{name}|{'stemmed' if settings.stem else 'words'}|mean F1|best of the references"
            mean = float(f1.mean()) if len(f1) else 0.0
            found.append(Measured(name, mean, bootstrap_mean(f1.tolist()), signature, tuple(f1.tolist())))
        elif name == "bleu":
            found.append(_bleu(hypotheses, references, settings.bleu))
        elif name in ("chrf", "chrf++"):
            found.append(_chrf(hypotheses, references, replace(settings.chrf, words=2 * (name == "chrf++")), name))
        else:
            raise ValueError(f"there is no measure {name}: name one of {', '.join(MEASURES)}")
    return found


def _bleu(hypotheses: Sequence[str], references: Sequence[Sequence[str]], settings: BleuSettings) -> Measured:
    rows = bleus.statistics(hypotheses, references, settings)
    sentence = replace(settings, effective=True)
    each = tuple(bleus.from_statistics(row, sentence, None).score for row in rows)

    def score(total: Ints) -> float:
        return bleus.from_statistics(total, settings, None).score

    signature = settings.signature(one_number({len(own) for own in references}))
    return Measured("bleu", score(rows.sum(axis=0)), bootstrap_sum(rows, score), signature, each)


def _chrf(
    hypotheses: Sequence[str], references: Sequence[Sequence[str]], settings: ChrfSettings, name: str
) -> Measured:
    rows = chrfs.statistics(hypotheses, references, settings)
    shape = rows.shape[1:]

    def score(total: Ints) -> float:
        return float(chrfs.f_scores(total.reshape(1, *shape), settings.beta)[0])

    flat = rows.reshape(len(rows), -1)
    each = tuple(chrfs.f_scores(rows, settings.beta).tolist())
    signature = settings.signature(one_number({len(own) for own in references}))
    return Measured(name, score(flat.sum(axis=0)), bootstrap_sum(flat, score), signature, each)


def bootstrap_sum(rows: Ints, score: Callable[[Ints], float], *, level: float = 0.95, seed: int = 0) -> Interval | None:
    """The percentile interval of a score of summed rows, texts drawn with replacement (Koehn 2004). None for one."""
    if len(rows) < 2:
        return None
    rng = np.random.default_rng(seed)
    found: list[float] = []
    for _ in range(RESAMPLES):
        drawn = np.bincount(rng.integers(len(rows), size=len(rows)), minlength=len(rows))
        found.append(score((drawn @ rows).astype(np.int64)))
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(score(rows.sum(axis=0)), float(low), float(high), level, len(rows))
