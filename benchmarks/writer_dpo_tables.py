"""What is measured of the drafts of a writer before and after it learnt: what is backed, right, copied, left unsaid."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.answer_tasks import Asked as Question
from benchmarks.publish import columns, with_interval
from benchmarks.support import overlap
from benchmarks.writer import holds, said
from benchmarks.writer_pairs import NOTHING
from openbook.evaluate.intervals import bootstrap_mean
from openbook.evaluate.significance import holm, paired_randomisation
from openbook.report.record import Figure
from openbook.report.tables import Column, Table
from openbook.values import Answer


@dataclass(frozen=True, slots=True)
class Both:
    """A question answered with the writer before and after, and the texts that it was shown."""

    question: Question
    before: Answer
    after: Answer
    shown: tuple[str, ...]


def drafted(answer: Answer) -> str:
    return " ".join(sentence.text for sentence in answer.draft)


def silent(answer: Answer) -> bool:
    return NOTHING in drafted(answer)


def made_up(answer: Answer, _: Both) -> float:
    """Something is said that nothing backs."""
    return float(any(not s.citations and NOTHING not in s.text for s in answer.draft))


def backed(answer: Answer, _: Both) -> float:
    return float(any(sentence.citations for sentence in answer.draft))


def right(answer: Answer, both: Both) -> float:
    return float(holds(drafted(answer), both.question.answers))


def backed_and_right(answer: Answer, both: Both) -> float:
    told = " ".join(sentence.text for sentence in answer.draft if sentence.citations)
    return float(holds(told, both.question.answers))


def shown_right(answer: Answer, both: Both) -> float:
    return float(holds(said(answer), both.question.answers))


def copied(answer: Answer, both: Both) -> float:
    """The draft stands in a passage, letter by letter but for blanks and its full stop."""
    text = " ".join(drafted(answer).split()).rstrip(" .")
    return float(bool(text) and any(text in " ".join(passage.split()) for passage in both.shown))


def from_passages(answer: Answer, both: Both) -> float:
    return 1.0 if silent(answer) else overlap(drafted(answer), " ".join(both.shown))


Measure = Callable[[Answer, Both], float]

ALL: Mapping[str, Measure] = {
    "says what nothing backs": made_up,
    "a sentence is backed": backed,
    "says that it is not there": lambda answer, _: float(silent(answer)),
    "stands in a passage, word by word": copied,
    "share of its words in the passages": from_passages,
    "words": lambda answer, _: float(len(drafted(answer).split())),
}
ANSWERABLE: Mapping[str, Measure] = {
    "a marked answer stands in it": right,
    "it is backed and one stands in it": backed_and_right,
    "one stands in what ask shows": shown_right,
}


def tables(found: Sequence[Both], note: str, figures: list[Figure]) -> dict[str, Table]:
    """Every measure before and after, with its test, and the same by kind of question. note: how it learnt."""
    asks = [both for both in found if both.question.kind == "answerable"]
    rows: list[tuple[str, ...]] = []
    p_values: list[float] = []
    for title, measure, of in (
        *((title, measure, found) for title, measure in ALL.items()),
        *((title, measure, asks) for title, measure in ANSWERABLE.items()),
    ):
        row, p = _row(title, measure, of, figures)
        rows.append(row)
        p_values.append(p)
    tested = tuple((*row, f"{p:.4f}") for row, p in zip(rows, holm(p_values), strict=True))
    heads = columns("of a draft", "n", "before", "after", "change", "p")
    main = Table(
        "The writer before and after it learnt from what is backed",
        heads,
        tested,
        f"{note}. Questions of SQuAD and Natural Questions about unseen pages, those that ask answers; "
        "the last three rows: those whose answer is marked. 95% intervals over pages; p: paired randomisation of "
        "pages, by Holm over the table.",
    )
    kinds = [
        (kind, title, *_row(f"{kind}: {title}", ALL[title], of, figures)[0][1:])
        for kind in ("answerable", "unanswerable")
        for title in ("says what nothing backs", "a sentence is backed", "says that it is not there")
        if (of := [both for both in found if both.question.kind == kind])
    ]
    named = (Column("questions"), *columns("of a draft", "n", "before", "after", "change"))
    return {"before and after": main, "kinds": Table("By kind of question", named, tuple(kinds), "As above; no tests.")}


def _row(title: str, measure: Measure, of: Sequence[Both], figures: list[Figure]) -> tuple[tuple[str, ...], float]:
    pages = [both.question.page for both in of]
    before = [measure(both.before, both) for both in of]
    after = [measure(both.after, both) for both in of]
    test = paired_randomisation(after, before, groups=pages)
    digits = 1 if title == "words" else 3
    cells: list[str] = []
    for name, values in (("before", before), ("after", after)):
        mean = bootstrap_mean(values, groups=pages)
        assert mean is not None
        figures.append(Figure(f"{title}, {name}", mean.value, "", mean.low, mean.high, mean.n))
        cells.append(with_interval(mean, digits))
    figures.append(Figure(f"{title}, p", test.p_value, n=test.n))
    return (title, str(len(of)), *cells, f"{test.difference:+.{digits}f}"), test.p_value
