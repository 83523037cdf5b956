"""Answers quote the exact characters of their source, or say that there is none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from openbook.answer import AskSettings
from openbook.answer.ask import checked_question
from openbook.errors import OpenbookError
from openbook.index import SearchSettings
from openbook.index.sqlite import SqliteStore
from openbook.values import Answer

Ask = Callable[..., Answer]


@pytest.mark.parametrize(
    ("question", "name", "held"),
    [
        ("What is the notice period of the lease?", "lease.md", "three months"),
        ("How much is the rent?", "lease.md", "950 euros"),
        ("When was the pear tree planted?", "garden.txt", "1987"),
        ("When are roses cut back?", "garden.txt", "March"),
    ],
)
def test_the_sentence_that_answers_is_quoted(answer: Ask, question: str, name: str, held: str) -> None:
    found = answer(question)
    assert not found.abstained
    assert held in found.sentences[0].text
    assert Path(found.sentences[0].citations[0].uri).name == name


@pytest.mark.parametrize(
    "question", ["What is the capital of Mongolia?", "Who painted The Night Watch?", "xyzzy plugh"]
)
def test_what_is_not_there_is_said(answer: Ask, question: str) -> None:
    found = answer(question)
    assert found.abstained
    assert found.sentences == ()
    assert found.passages  # the nearest are shown all the same


def test_every_quote_is_a_slice_of_its_document(answer: Ask, store: SqliteStore) -> None:
    for question in ("How much is the rent?", "How long is the table?", "roses"):
        found = answer(question, AskSettings(threshold=0.0))
        for sentence in found.sentences:
            for citation in sentence.citations:
                text = store.document(citation.document_id).text
                assert text[citation.span.start : citation.span.end] == citation.quote == sentence.text


def test_the_threshold_is_the_confidence_that_is_asked_for(answer: Ask) -> None:
    assert answer("How much is the rent?", AskSettings(threshold=1.0)).abstained
    assert not answer("Who painted The Night Watch?", AskSettings(threshold=0.0)).abstained


def test_a_place_is_a_line_of_the_file(answer: Ask, folder: Path) -> None:
    citation = answer("How much is the rent?").sentences[0].citations[0]
    line = int(citation.place.removeprefix("line "))
    assert citation.quote in (folder / "lease.md").read_text(encoding="utf-8").splitlines()[line - 1]


def test_a_changed_file_is_said_to_be_stale(answer: Ask, folder: Path) -> None:
    assert answer("How much is the rent?").stale == ()
    (folder / "lease.md").write_text("# Lease\n\nThe rent is 1 euro.\n", encoding="utf-8")
    assert answer("How much is the rent?").stale == (str(folder / "lease.md"),)
    (folder / "lease.md").unlink()
    assert answer("How much is the rent?").stale == (str(folder / "lease.md"),)


def test_the_same_question_gives_the_same_answer(answer: Ask) -> None:
    assert answer("How much is the rent?") == answer("How much is the rent?")


def test_fewer_passages_are_looked_at(answer: Ask) -> None:
    found = answer("How much is the rent?", AskSettings(SearchSettings(k=1)))
    assert len(found.passages) == 1


@pytest.mark.parametrize(
    ("question", "said"),
    [("", "is empty"), ("   ", "is empty"), ("\0", "is empty"), ("?!", "no letter or digit"), ("\ud800", "no letter")],
)
def test_a_question_without_words_is_refused(answer: Ask, question: str, said: str) -> None:
    with pytest.raises(OpenbookError, match=said):
        answer(question)


def test_an_endless_question_is_refused(answer: Ask) -> None:
    with pytest.raises(OpenbookError, match="100,000 characters"):
        answer("x" * 100_000)


@pytest.mark.parametrize(
    "question", ['NEAR(rent, 2) AND "', "rent* OR -lease {body}: ^x", "'; DROP TABLE documents; --", "הרעש é ́"]
)
def test_operators_and_other_scripts_are_just_text(answer: Ask, question: str) -> None:
    assert isinstance(answer(question), Answer)


def test_a_question_is_cleaned_of_stray_blanks() -> None:
    assert checked_question("  How\tmuch\n is  it? ") == "How much is it?"
