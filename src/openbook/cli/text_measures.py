"""The measures of ``openbook eval text`` by name, and what they need to know of the files before they begin."""

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np

from openbook.cli.text_lines import TextFile
from openbook.errors import OpenbookError
from openbook.evaluate.bertscore import Scores, States, baseline_of, idf_of
from openbook.evaluate.embedding import EMBEDDING, EmbeddingSettings, embedding_measures
from openbook.evaluate.measured import Counted
from openbook.evaluate.overlap import MEASURES, OverlapSettings, overlap_measures
from openbook.evaluate.sums import Measure, Rows
from openbook.json_lines import shortened

SAMPLED = 500
"""Lines that the baseline is taken of."""


def chosen(names: Sequence[str] | None) -> list[str]:
    """Each once, in order; without any the overlap measures, and all for ``all``. Raises OpenbookError."""
    every = (*MEASURES, *EMBEDDING)
    found = list(dict.fromkeys(chain.from_iterable(every if n == "all" else [n] for n in names or MEASURES)))
    unknown = [name for name in found if name not in every]
    if unknown:
        if "," in unknown[0]:
            raise OpenbookError(
                f"there is no measure {shortened(unknown[0])}: give each by an option of its own, -m A -m B"
            )
        raise OpenbookError(f"there is no measure {shortened(unknown[0])}: name one of {', '.join(every)}, or all")
    return found


def measures_of(
    names: Sequence[str],
    overlap: OverlapSettings,
    texts: TextFile,
    references: Sequence[TextFile],
    *,
    idf: bool,
    rescale: bool,
) -> tuple[list[Measure], Counted, bool]:
    """The measures, what counts their rows, and whether a model reads the texts, which takes its time."""
    read = [name for name in names if name in EMBEDDING]
    if (idf or rescale) and not any(name.startswith("bertscore") for name in read):
        raise OpenbookError("--idf and --rescale are of BERTScore: add -m bertscore, or leave them out")
    first, count = overlap_measures([name for name in names if name not in read], overlap)
    if not read:
        return first, count, False
    more, count_read = _embedding(read, texts, references, idf=idf, rescale=rescale)
    by_name = {one.name: one for one in [*first, *more]}

    def counted(hypotheses: Sequence[str], own: Sequence[Sequence[str]]) -> Mapping[str, Rows]:
        return {**count(hypotheses, own), **count_read(hypotheses, own)}

    return [by_name[name] for name in names], counted, True


def _embedding(
    names: Sequence[str], texts: TextFile, references: Sequence[TextFile], *, idf: bool, rescale: bool
) -> tuple[list[Measure], Counted]:
    from openbook.encode.token_states import open_token_encoder

    encoder = open_token_encoder()
    weights = idf_of(encoder.ids(t) for t in chain.from_iterable(r.texts() for r in references)) if idf else None
    settings = EmbeddingSettings(encoder.digest, weights)
    if rescale:
        settings = EmbeddingSettings(encoder.digest, weights, _baseline(texts, references[0], encoder, settings))
    return embedding_measures(names, encoder, settings)


def _baseline(texts: TextFile, references: TextFile, states: States, settings: EmbeddingSettings) -> Scores:
    """Of lines drawn from the whole of both files."""
    count = min(SAMPLED, texts.lines)
    drawn = set(np.random.default_rng(0).choice(texts.lines, count, replace=False).tolist())
    ours, theirs = ([t for n, t in enumerate(file.texts()) if n in drawn] for file in (texts, references))
    return baseline_of(ours, theirs, states, idf=settings.idf)
