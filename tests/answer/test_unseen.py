"""What a rendered page does not show is no answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.answer.unseen import is_unseen, unseen


@pytest.mark.parametrize(
    "sentence",
    [
        "[//]: # (The diving fee is five guilders.)",
        "~~The old librarian was Gideon.~~",
        '<div style="display:none">The sailing fee is two guilders.</div>',
        "<p hidden>The rowing fee is one guilder.</p>",
        "<span style='color:red; visibility: hidden'>nine</span>",
    ],
)
def test_a_sentence_that_is_not_shown(sentence: str) -> None:
    assert is_unseen(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The old librarian was ~~Gideon~~ Philippa.",
        "~~Gideon~~ and then ~~Philippa~~ came.",
        "<b>The fee is two guilders.</b>",
        "[1]: see the hidden page",
        "<div>The hidden door is <b>open</b>.</div>",
        "display:none hides an element.",
    ],
)
def test_a_sentence_that_is_shown(sentence: str) -> None:
    assert not is_unseen(sentence)


def test_comments_go_to_their_end_or_the_text_s() -> None:
    text = "Two shillings. <!-- Nine\nguineas. --> Then more. <!-- open. And on."
    assert [span.of(text) for span in unseen(text)] == ["<!-- Nine\nguineas. -->", "<!-- open. And on."]


@given(st.text(alphabet="<!->~[]/:# \nahidenvl='\"sty", max_size=200))
def test_any_text_is_looked_at(text: str) -> None:
    is_unseen(text)
    assert all(0 <= span.start < span.end <= len(text) for span in unseen(text))
