"""The embedding measures by name: BERTScore, and the cosine of whole texts, from one reading by the encoder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from openbook.encode.token_states import TokenStates
from openbook.evaluate.bertscore import Idf, Scores, States, bertscore
from openbook.evaluate.measured import Counted
from openbook.evaluate.references import signature
from openbook.evaluate.sums import Measure, Rows, mean_of, with_ones

EMBEDDING = ("bertscore", "bertscore-p", "bertscore-r", "similarity")
"""BERTScore's F1, precision and recall, all of the reference with the best F1; the cosine, of the nearest reference."""

AT_ONCE = 64
MOST_CHARACTERS = 200_000
"""Of texts whose token vectors are held at once, 400 bytes a character, beside one text and its references."""

_COLUMNS = {"bertscore-p": 0, "bertscore-r": 1, "bertscore": 2}


@dataclass(frozen=True, slots=True)
class EmbeddingSettings:
    """digest: of the encoder's files. idf: weights of tokens. baseline: (3,), what rescaling takes for 0."""

    digest: str
    idf: Idf | None = None
    baseline: Scores | None = None


def embedding_measures(
    names: Sequence[str], states: States, settings: EmbeddingSettings
) -> tuple[list[Measure], Counted]:
    """The measures in the order of their names, and what counts their rows."""

    def counted(texts: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, Rows]:
        parts = [_scores(texts[part], references[part], states, settings) for part in _parts(texts, references)]
        scores = np.concatenate([np.zeros((0, 4)), *parts])
        return {name: with_ones(100 * scores[:, _COLUMNS.get(name, 3)]) for name in names}

    return [mean_of(name, lambda n, name=name: _signature(name, settings, n)) for name in names], counted


def similarity(hypothesis: TokenStates, references: Sequence[TokenStates]) -> float:
    """The cosine of the text's vector and the nearest reference's; 0 without a reference, and for an empty text."""
    if not hypothesis.ids:
        return 0.0
    return max((float(hypothesis.pooled @ one.pooled) for one in references if one.ids), default=0.0)


def _parts(texts: Sequence[str], references: Sequence[Sequence[str]]) -> Iterator[slice]:
    start = characters = 0
    for number, (text, own) in enumerate(zip(texts, references, strict=True)):
        characters += len(text) + sum(map(len, own))
        if characters >= MOST_CHARACTERS or number + 1 - start == AT_ONCE or number + 1 == len(texts):
            yield slice(start, number + 1)
            start, characters = number + 1, 0


def _scores(
    texts: Sequence[str], references: Sequence[Sequence[str]], states: States, settings: EmbeddingSettings
) -> Rows:
    """(texts, 4). A text that occurs several times among these is read once."""
    different = list(dict.fromkeys([*texts, *(text for own in references for text in own)]))
    read = dict(zip(different, states(different), strict=True))
    found = np.zeros((len(texts), 4))
    for number, (text, own) in enumerate(zip(texts, references, strict=True)):
        theirs = [read[reference] for reference in own]
        found[number, :3] = bertscore(read[text], theirs, settings.idf, settings.baseline)
        found[number, 3] = similarity(read[text], theirs)
    return found


def _signature(name: str, settings: EmbeddingSettings, references: int | None) -> str:
    model = f"model:{settings.digest[:12]}"
    if name == "similarity":
        return signature(references, name, model, "cosine", "nearest of the references")
    idf = f"idf:{'no' if settings.idf is None else f'{settings.idf.references} references'}"
    rescaled = "no" if settings.baseline is None else f"{settings.baseline[_COLUMNS[name]]:.4f}"
    return signature(references, name, model, "layer:last", idf, f"baseline:{rescaled}", "best F1 of the references")
