"""The criteria that come along: four for summaries (Fabbri et al. 2021, in our words) and one for grounded answers."""

from openbook.evaluate.judge.criterion import Criterion

BUILT_IN = {
    criterion.name: criterion
    for criterion in (
        Criterion(
            "coherence",
            "Does the text hang together as a whole? Its sentences follow from one another in an order that builds up "
            "one subject. 1: a heap of unrelated sentences. 5: every sentence has its place.",
        ),
        Criterion(
            "consistency",
            "Is everything that the text says also said by the source? A fact that the source does not contain, or "
            "says otherwise, counts against it; what is left out does not. 1: mostly false or made up. 5: every "
            "statement can be found in the source.",
            source="needed",
        ),
        Criterion(
            "fluency",
            "Is each sentence well made? Look at grammar, spelling, punctuation, capitals and choice of words, one "
            "sentence at a time. 1: hard to read. 5: nothing to correct.",
            source="hidden",
        ),
        Criterion(
            "relevance",
            "Does the text hold what matters in the source, and nothing else? Missing main points, side matters and "
            "repetition count against it. 1: misses the point. 5: all main points and no more.",
            source="needed",
        ),
        Criterion(
            "groundedness",
            "Does every statement of the text rest on a passage of the source? Statements that may be true in the "
            "world but are not in the source are not grounded. 1: none is. 5: all are.",
            source="needed",
        ),
    )
}

WITH_SOURCE = ("coherence", "consistency", "fluency", "relevance")
WITHOUT_SOURCE = ("coherence", "fluency")
