"""What recorded judgements do not allow to be measured, and why: a sentence each."""

from collections.abc import Iterator, Mapping, Sequence

from openbook.evaluate.audit.judges_compared import MOST_JUDGES, JudgePair
from openbook.evaluate.audit.null_answer import NullScore
from openbook.evaluate.judge_agreement import Scored


def unmeasured(
    scored: Mapping[tuple[str, str], Sequence[Scored]],
    nulls: Mapping[tuple[str, str], Sequence[NullScore]],
    pairs: Sequence[JudgePair],
) -> Iterator[str]:
    """scored, nulls: rows by judge and dimension; pairs: what came of comparing judges."""
    for (judge, dimension), rows in scored.items():
        if len(rows) == 1:
            yield f"{judge}, {dimension}: one text shows neither agreement nor an interval"
        elif len({row.score for row in rows}) == 1:
            score = f"{rows[0].score:g}"
            yield f"{judge}, {dimension}: every text got the score {score}, so there is no agreement to measure"
        elif len({row.human for row in rows}) == 1:
            yield f"{judge}, {dimension}: people gave every text the same score, so there is no agreement to measure"
    for dimension in dict.fromkeys(dimension for _, dimension in scored):
        sizes = {judge: len(rows) for (judge, of), rows in scored.items() if of == dimension}
        if len(sizes) > 1 and len(set(sizes.values())) > 1:
            least = min(sizes, key=sizes.__getitem__)
            yield (
                f"{dimension}: {least} scored {sizes[least]:,} texts, others up to {max(sizes.values()):,}; judges are "
                "compared on the texts that all scored"
            )
        if len(sizes) > MOST_JUDGES:
            yield f"{dimension}: the first {MOST_JUDGES} of {len(sizes)} judges are compared with each other"
        if len(sizes) > 1 and not any(pair.dimension == dimension for pair in pairs):
            yield (
                f"{dimension}: judges are not compared, for want of texts that several scored in 3 documents or more: "
                "give each row doc_id, system or id"
            )
    for key in nulls:
        if key not in scored:
            yield f"{', '.join(key)}: constant answers stand beside no real text, so nothing is said of them"
