"""The overlap measures by name: BLEU, chrF and ROUGE as rows that add up."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from openbook.evaluate import bleu as bleus
from openbook.evaluate import chrf as chrfs
from openbook.evaluate.bleu import BleuSettings
from openbook.evaluate.chrf import ChrfSettings
from openbook.evaluate.measured import Counted, Measured
from openbook.evaluate.measured import measured as measured_of
from openbook.evaluate.references import signature
from openbook.evaluate.rouge import KINDS, rouge
from openbook.evaluate.sums import Measure, Rows, mean_of, with_ones

MEASURES = ("bleu", "chrf", "chrf++", *KINDS)


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
    measures, counted = overlap_measures(names, settings)
    return measured_of(zip(hypotheses, references, strict=True), measures, counted)


def overlap_measures(
    names: Sequence[str], settings: OverlapSettings = OverlapSettings()
) -> tuple[list[Measure], Counted]:
    """The measures in the order of their names, and what counts their rows. Raises ValueError for an unknown one."""
    kinds = [name for name in names if name in KINDS]

    def counted(texts: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, Rows]:
        found: dict[str, Rows] = {}
        if kinds:
            scores = rouge(texts, references, kinds, stem=settings.stem)
            found |= {kind: with_ones(scores[kind][:, 2] * 100) for kind in kinds}
        for name in names:
            if name == "bleu":
                found[name] = bleus.statistics(texts, references, settings.bleu).astype(np.float64)
            elif name not in kinds:
                rows = chrfs.statistics(texts, references, _chrf_settings(name, settings))
                found[name] = rows.reshape(len(rows), -1).astype(np.float64)
        return found

    return [_measure(name, settings) for name in names], counted


def _measure(name: str, settings: OverlapSettings) -> Measure:
    if name in KINDS:
        said = "stemmed" if settings.stem else "words"
        return mean_of(name, lambda references: signature(references, name, said, "mean F1", "best of the references"))
    if name == "bleu":
        return _bleu(settings.bleu)
    if name in ("chrf", "chrf++"):
        return _chrf(name, _chrf_settings(name, settings))
    raise ValueError(f"there is no measure {name}: name one of {', '.join(MEASURES)}")


def _bleu(settings: BleuSettings) -> Measure:
    def score(rows: Rows, how: BleuSettings = settings) -> Rows:
        return np.array([bleus.from_statistics(row, how, None).score for row in rows.astype(np.int64)])

    sentence = replace(settings, effective=True)
    return Measure("bleu", settings.signature, score, lambda rows: score(rows, sentence))


def _chrf(name: str, settings: ChrfSettings) -> Measure:
    def score(rows: Rows) -> Rows:
        return chrfs.f_scores(rows.reshape(len(rows), -1, 3).astype(np.int64), settings.beta)

    return Measure(name, settings.signature, score, score)


def _chrf_settings(name: str, settings: OverlapSettings) -> ChrfSettings:
    return replace(settings.chrf, words=2 * (name == "chrf++"))
