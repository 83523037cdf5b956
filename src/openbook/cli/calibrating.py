"""What ``openbook calibrate`` does: ask, set the threshold that suits the answers, and keep it beside the index."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openbook.answer.calibrate import Question, Suited, ask_all, make_questions, suited
from openbook.answer.engine import open_engine
from openbook.answer.folder_threshold import FolderThreshold, calibration_digest, question_digest, write_threshold
from openbook.answer.guarantee import guaranteed
from openbook.cli.opened import Place, opened
from openbook.cli.progress import counted

OWN_FALSE = 0.05
"""Of a person's own unanswerable questions, the share that may be answered."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """given: a person's own questions; without any, ``count`` are made. most_false, most_wrong: as the options say."""

    given: Sequence[Question] | None
    count: int
    most_false: float | None
    most_wrong: float | None


def set_on(place: Place, wanted: Wanted, kept: Path, *, update: bool, quiet: bool) -> Suited:
    """The threshold, written to ``kept``. Raises OpenbookError where the questions are too few for it."""
    given = wanted.given
    with opened(place, fresh=update) as (store, encoder):
        engine = open_engine(encoder)
        asked = given or make_questions(store, place.sources, wanted.count)
        with counted("asking", quiet=quiet) as on_progress:
            answers = ask_all(store, encoder, engine, asked, on_progress)
    before = engine.calibration.threshold
    if wanted.most_wrong is not None:
        found = guaranteed(answers, wanted.most_wrong, before)
    else:
        usual = engine.calibration.made if given is None else OWN_FALSE
        found = suited(answers, usual if wanted.most_false is None else wanted.most_false, before)
    own = () if given is None else tuple(question_digest(question.text) for question in given)
    models = calibration_digest(engine.calibration)
    write_threshold(kept, FolderThreshold(found.threshold, models, len(asked), given is None, own))
    return found
