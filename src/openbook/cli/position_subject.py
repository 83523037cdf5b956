"""Who is probed by ``openbook eval position``: a language model behind a prompt, or the shipped reader."""

from dataclasses import dataclass

from openbook.encode.pair import open_pair
from openbook.errors import OpenbookError
from openbook.evaluate.position.ask import of_model
from openbook.evaluate.position.probe import Subject
from openbook.evaluate.position.reader import one_by_one, together
from openbook.generate.context_prompt import DOCUMENTS_FIRST, QUESTION_TWICE

READER = "the shipped reader, all at once"


@dataclass(frozen=True, slots=True)
class Named:
    """name: as tables say it. identity: all that decides an answer, for going on with an earlier run. note: what else
    to know of how it reads.
    """

    name: str
    identity: str
    subject: Subject
    note: str = ""


def subject_of(model: str | None, *, reader: bool, twice: bool, kind: str) -> Named:
    """Raises OpenbookError unless exactly one is named, and where it cannot be opened."""
    if model is not None and reader:
        raise OpenbookError("one is probed at a time: name --model SPEC or --reader, and the other in a run of its own")
    if model is None and not reader:
        raise OpenbookError("say what to probe: --model SPEC, --reader, or rows measured before with --recorded FILE")
    if model is None:
        if twice:
            raise OpenbookError("the reader is given the question once: leave --question-twice to language models")
        pair = open_pair()
        apart = kind == "qa"
        name = "the shipped reader, document by document" if apart else READER
        note = " Documents read one by one: by construction, the place cannot matter." if apart else ""
        return Named(name, f"{name} {pair.digest}", one_by_one(pair) if apart else together(pair), note)
    from openbook.generate.open import open_model

    opened = open_model(model)
    layout = QUESTION_TWICE if twice else DOCUMENTS_FIRST
    return Named(opened.name, f"{opened.name} {layout}", of_model(opened, layout))
