"""A folder's own threshold: questions made of it, what it gives, and a file that serves only the models it is of."""

from dataclasses import replace
from pathlib import Path

import pytest

from openbook.answer.calibrate import Asked, Question, ask_all, make_questions, suited
from openbook.answer.confidence import Calibration
from openbook.answer.engine import Engine
from openbook.answer.folder_threshold import (
    FolderThreshold,
    beside,
    calibration_digest,
    read_threshold,
    write_threshold,
)
from openbook.answer.guarantee import guaranteed
from openbook.answer.read import SentenceReader
from openbook.encode import SentenceEncoder
from openbook.errors import OpenbookError
from openbook.index.sqlite import SqliteStore


@pytest.fixture
def engine(encoder: SentenceEncoder, calibration: Calibration) -> Engine:
    return Engine(SentenceReader(encoder, calibration.reader), calibration, None)


def test_questions_are_made_of_the_documents_and_hide_or_swap_what_they_ask_for(store: SqliteStore) -> None:
    made = make_questions(store, (), 60)
    assert made == make_questions(store, (), 60)
    texts = {d.uri: store.document(d.id).text for d in store.catalogue()}
    whole = " ".join(texts.values())
    for question in made:
        if question.kind == "answerable":
            assert question.answers[0] in whole
        elif question.kind == "absent":
            assert len(question.within) == len(texts) - 1
        else:
            assert any(word not in whole for word in question.text.rstrip("?").split()[1:])
    assert {q.kind for q in made} >= {"answerable", "absent"}


def test_hidden_documents_are_not_answered_from(store: SqliteStore, encoder: SentenceEncoder, engine: Engine) -> None:
    made = [q for q in make_questions(store, (), 60) if q.kind == "absent"]
    asked = ask_all(store, encoder, engine, made)
    assert not any(one.right for one in asked)
    assert max(one.confidence for one in asked) < 0.9


def test_an_answer_is_right_where_the_quoted_sentence_holds_it(
    store: SqliteStore, encoder: SentenceEncoder, engine: Engine
) -> None:
    own = [
        Question("How much is the rent?", "answerable", ("950 euros",)),
        Question("How much is the rent?", "answerable", ("95",)),  # not within a number
        Question("How much is the rent?", "answerable"),
        Question("How much is the rent?", "unanswerable"),
    ]
    assert [one.right for one in ask_all(store, encoder, engine, own)] == [True, False, True, False]


def outcomes(answerable: list[float], others: list[float]) -> list[Asked]:
    return [
        *(Asked(Question(f"a{n}", "answerable"), c, right=True) for n, c in enumerate(answerable)),
        *(Asked(Question(f"u{n}", "unanswerable"), c, right=False) for n, c in enumerate(others)),
    ]


def test_the_threshold_lets_through_no_more_than_asked() -> None:
    others = [n / 20 for n in range(20)]
    found = suited(outcomes([0.9] * 10, others), 0.10, before=0.5)
    assert found.share_answered(found.threshold, ["unanswerable"]) == 0.10
    assert 0.85 < found.threshold < 0.90  # half-way between the last kept out and the first let through
    assert found.share_answered(found.threshold, ["answerable"]) == 1.0
    assert found.share_answered(0.5, ["unanswerable"]) == 0.5
    assert found.share_right(found.threshold) == 1.0


def test_none_let_through_is_above_them_all() -> None:
    found = suited(outcomes([0.9] * 10, [0.6] * 10), 0.0, before=0.5)
    assert 0.6 < found.threshold < 0.9
    assert found.share_answered(found.threshold, ["unanswerable"]) == 0


def test_a_threshold_that_keeps_enough_out_is_never_raised() -> None:
    found = suited(outcomes([0.9] * 10, [0.02] * 10), 0.05, before=0.245)
    assert 0.02 < found.threshold <= 0.245


@pytest.mark.parametrize(("names", "threshold"), [(9, 0.5), (10, 0.46)])
def test_few_made_questions_of_a_kind_never_lower_the_threshold(names: int, threshold: float) -> None:
    asked = [
        *(Asked(Question(f"a{n}", "answerable"), 0.9, right=True) for n in range(10)),
        *(Asked(Question(f"h{n}", "absent"), 0.02, right=False) for n in range(20)),
        *(Asked(Question(f"s{n}", "swapped"), 0.02, right=False) for n in range(names)),
    ]
    found = suited(asked, 0.05, before=0.5)
    assert (found.threshold, found.few) == (threshold, ("swapped",) if names < 10 else ())
    assert suited(asked, 0.05, before=0.01).few == ()  # raised, not lowered


def test_a_question_asked_again_counts_once() -> None:
    with pytest.raises(OpenbookError, match="too few"):
        suited(outcomes([0.9] * 10, [0.1] * 9) * 2, 0.05, before=0.5)


def test_too_few_questions_set_nothing(store: SqliteStore) -> None:
    with pytest.raises(OpenbookError, match="too few"):
        suited(outcomes([0.9] * 10, [0.1] * 9), 0.05, before=0.5)
    with pytest.raises(OpenbookError, match="give questions of your own"):
        make_questions(store, ("/nowhere",), 60)


def test_a_threshold_is_kept_and_refused_by_other_models(tmp_path: Path, calibration: Calibration) -> None:
    path = beside(tmp_path / "index.sqlite")
    assert read_threshold(path, calibration) is None
    kept = FolderThreshold(0.4, calibration_digest(calibration), 200, made=True)
    write_threshold(path, kept)
    assert read_threshold(path, calibration) == kept
    assert read_threshold(path, replace(calibration, threshold=0.9)) == kept
    with pytest.raises(OpenbookError, match="run `openbook calibrate DIR` again"):
        read_threshold(path, replace(calibration, embedder="another"))
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"threshold": 7, "calibration": "", "questions": 1, "made": true}'])
def test_a_broken_threshold_says_what_to_do(tmp_path: Path, calibration: Calibration, text: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(text)
    with pytest.raises(OpenbookError, match="openbook calibrate"):
        read_threshold(path, calibration)


def ranked(right: int, wrong: int) -> list[Asked]:
    """Right answers from confidence 1 down, wrong ones below them."""
    asked = [Asked(Question(f"r{n}", "answerable"), 1 - n / 1000, right=True) for n in range(right)]
    return asked + [Asked(Question(f"w{n}", "answerable"), 0.5 - n / 1000, right=False) for n in range(wrong)]


def test_a_promise_takes_in_as_many_as_it_can() -> None:
    """(wrong + 1) / (n + 1) <= .1 allows 9 of 99 to be wrong."""
    found = guaranteed(ranked(80, 19), 0.1, before=0.7)
    assert found.share_wrong(found.threshold) == 9 / 99
    assert found.before == 0.7


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (ranked(8, 0), "8 questions are too few .* give 9 or more"),
        ([replace(one, confidence=0.5) for one in ranked(0, 60)], "even the surest answers"),
    ],
)
def test_what_cannot_be_promised_is_said(asked: list[Asked], says: str) -> None:
    with pytest.raises(OpenbookError, match=says):
        guaranteed(asked, 0.1, before=0.7)


def test_no_threshold_lets_in_a_question_without_an_answer_for_nothing() -> None:
    """One of thirty may be answered, and is not where that answers nothing more."""
    asked = [Asked(Question(f"a{n}", "answerable"), 0.8 + n / 1000, right=True) for n in range(45)]
    asked += [Asked(Question(f"u{n}", "unanswerable"), 0.001 + n / 100, right=False) for n in range(30)]
    found = suited(asked, 0.05, before=0.441)
    assert found.threshold == 0.441
    assert found.share_answered(found.threshold, ["unanswerable"]) == 0
    assert suited(asked, 0.05, before=0.9).threshold == pytest.approx((0.291 + 0.8) / 2, abs=1e-3)
