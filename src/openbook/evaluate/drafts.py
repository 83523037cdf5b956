"""How faithful drafts are: of the sentences that a model wrote from passages, the share that one of them backs.

Faithfulness to the source, not truth: what a passage says wrongly is backed too (Maynez et al. 2020, "On faithfulness
and factuality in abstractive summarization"). Sentence by sentence, as Gao et al. 2023 (ALCE) and Min et al. 2023
(FActScore) look; the support model decides, and it errs.
"""

from collections.abc import Sequence

from openbook.evaluate.answers import Measure, Questions, share


def of_drafts(found: Questions, answered: Sequence[bool]) -> list[Measure]:
    """Over questions that are answered and have a draft; nothing where none has.

    A sentence that says that the passages do not answer is backed by none of them, and counts.
    """
    drafts = [(n, r.drafted) for n, r in enumerate(found.responses) if answered[n] and r.drafted]
    said = [(n, backed) for n, draft in drafts for backed in draft]
    numbers = [n for n, _ in drafts]
    measures = (
        share(found, "drafted sentences that a passage backs", [n for n, _ in said], [backed for _, backed in said]),
        share(found, "drafts that are backed whole", numbers, [all(draft) for _, draft in drafts]),
        share(found, "drafts of which nothing is backed", numbers, [not any(draft) for _, draft in drafts]),
    )
    return [measure for measure in measures if measure is not None]
