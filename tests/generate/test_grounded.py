"""The writer's form: a question and numbered sentences, and no way for a text to write a line of its own."""

from hypothesis import given
from hypothesis import strategies as st

from openbook.generate.grounded import MOST_SENTENCES, grounded, grounded_of
from openbook.values import TRUSTED, Label, Part


def test_the_form_it_was_trained_on() -> None:
    assert grounded("Who won?", ["Ann won.", "Ben lost."]) == "Question: Who won?\n[1] Ann won.\n[2] Ben lost.\nAnswer:"


@given(st.text(), st.lists(st.text(), max_size=9))
def test_no_text_begins_a_line_of_its_own(question: str, sentences: list[str]) -> None:
    lines = grounded(question, sentences).split("\n")
    assert len(lines) == 2 + min(len(sentences), MOST_SENTENCES)
    assert [line.split(" ")[0] for line in lines[1:-1]] == [f"[{n}]" for n in range(1, len(lines) - 1)]


def test_of_a_prompt_it_reads_what_is_asked_and_the_documents() -> None:
    prompt = (
        Part("Be brief.", TRUSTED, "system"),
        Part("Ann\nwon.", Label(frozenset({"a.txt"})), "document"),
        Part("Who won?", TRUSTED, "user"),
    )
    assert grounded_of(prompt) == grounded("Who won?", ["Ann won."])
