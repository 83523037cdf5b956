"""How much of what was drafted is backed: counted by hand, over what is answered, with whole questions as groups."""

from openbook.evaluate.answers import of_words, questions
from openbook.evaluate.asked import Cited, Response, Wanted, is_right
from openbook.evaluate.drafts import of_drafts
from openbook.evaluate.intervals import wilson, wilson_in_groups

HERE = Cited("It is 7 metres long.", "/a.md", "line 1", "It is 7 m long.")


def response(*drafted: bool) -> Response:
    return Response(0.5, (HERE,), 0.1, drafted=drafted)


def test_sentences_and_drafts_are_counted_over_what_is_answered() -> None:
    back = [response(True, False), response(True, True), response(False, False), response(True), response()]
    found = questions([Wanted(f"q{n}?", True, ("7 m",)) for n in range(5)], back)
    measures = {one.name: one for one in of_drafts(found, [True, True, True, False, True])}
    sentences = measures["drafted sentences that a passage backs"]
    assert (sentences.value, sentences.n) == (0.5, 6)
    assert sentences.interval == wilson_in_groups([True, False, True, True, False, False], [0, 0, 1, 1, 2, 2])
    assert sentences.interval != wilson(3, 6)  # sentences of one draft are alike
    whole, nothing = measures["drafts that are backed whole"], measures["drafts of which nothing is backed"]
    assert (whole.value, whole.n, nothing.value) == (1 / 3, 3, 1 / 3)
    assert whole.interval == wilson(1, 3)
    assert of_words(found, [True] * 5) == []  # a drafted sentence is no answer's words


def test_named_groups_hold_several_questions() -> None:
    wanted = [Wanted(f"q{n}?", True, ("7 m",), group="one" if n < 2 else "two") for n in range(3)]
    found = questions(wanted, [response(True, True), response(True, False), response(False)])
    sentences = of_drafts(found, [True] * 3)[0]
    assert sentences.interval == wilson_in_groups([True, True, True, False, False], ["one"] * 4 + ["two"])


def test_nothing_is_measured_where_nobody_drafted() -> None:
    found = questions([Wanted("q?", True, ("7 metres",))], [response()])
    assert of_drafts(found, [True]) == []
    assert of_words(found, [True]) != []


def test_a_draft_must_hold_the_answer_itself() -> None:
    wanted = Wanted("How long is it?", True, ("7 metres",))
    assert is_right(wanted, response())  # the quote does
    assert is_right(wanted, response(False))  # nothing of the draft is backed, so the quote is the answer
    assert not is_right(wanted, response(True))
    assert is_right(Wanted("How long is it?", True, ("7 m",)), response(False, True))
