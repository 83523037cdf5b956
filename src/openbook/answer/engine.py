"""The models that answer, with the calibration that belongs to them: with the shipped pair encoder, or without."""

from dataclasses import dataclass

from openbook.answer.confidence import SHIPPED, SHIPPED_PAIR, Calibration, load_calibration
from openbook.answer.read import SentenceReader
from openbook.encode import SentenceEncoder
from openbook.encode.pair import SHIPPED_PAIR as PAIR_FOLDER
from openbook.encode.pair import open_pair
from openbook.protocols import PairScorer


@dataclass(frozen=True, slots=True)
class Engine:
    """What ``ask`` needs beside an index and a question. scorer is None where similarity alone decides."""

    reader: SentenceReader
    calibration: Calibration
    scorer: PairScorer | None


def open_engine(encoder: SentenceEncoder, *, pair: bool = True) -> Engine:
    """pair: read with the pair encoder, where one is shipped. Raises OpenbookError where a file is broken."""
    if pair and PAIR_FOLDER.is_dir():
        scorer = open_pair()
        calibration = load_calibration(SHIPPED_PAIR, encoder.digest, scorer.digest)
        return Engine(SentenceReader(encoder, calibration.reader), calibration, scorer)
    calibration = load_calibration(SHIPPED, encoder.digest)
    return Engine(SentenceReader(encoder, calibration.reader), calibration, None)
