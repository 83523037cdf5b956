"""Examples as rows with labels: answers stand on the tokens that hold them, batches follow from seed and step alone."""

import numpy as np
import pytest
import torch

from openbook.encode.folder import SHIPPED, open_folder
from openbook.encode.wordpiece import WordPiece
from openbook.heads.examples import Example
from openbook.heads.pair_batches import Pairs, batch_of, encoded, token_span
from openbook.heads.pair_loss import UNKNOWN
from openbook.values import Span

TOKENS = WordPiece(open_folder(SHIPPED))


def example(passage: str, answer: str | None, **known: object) -> Example:
    spans = () if answer is None else (Span(passage.index(answer), passage.index(answer) + len(answer)),)
    return Example("1", "squad", "g", "What is it?", passage, ("Title",), spans, **known)


@pytest.mark.parametrize("answer", ["1,066", "Straße", "the café", "extraordinarily"])
def test_the_marked_tokens_hold_the_answer_exactly(answer: str) -> None:
    passage = f"In all it was {answer} and nothing else."
    made = encoded(TOKENS, example(passage, answer), with_heading=True)
    (first, last) = made.spans[0]
    start, end = made.row.offsets[first - made.row.begins][0], made.row.offsets[last - made.row.begins][1]
    assert passage[start:end] == answer


def test_of_a_long_passage_the_row_with_the_answer_is_taken() -> None:
    passage = "nothing here. " * 300 + "The answer is Zanzibar. " + "nothing there. " * 100
    made = encoded(TOKENS, example(passage, "Zanzibar"), with_heading=False)
    assert made.spans
    first, last = made.spans[0]
    assert passage[made.row.offsets[first - made.row.begins][0] : made.row.offsets[last - made.row.begins][1]] == (
        "Zanzibar"
    )


def test_an_answer_that_the_row_does_not_hold_is_not_marked() -> None:
    row = encoded(TOKENS, example("short text", None), with_heading=False).row
    assert token_span(row, Span(50, 60)) is None


def test_a_batch_is_padded_and_labels_that_nobody_knows_say_so() -> None:
    rows = [
        encoded(TOKENS, example("It is red.", "red", answerable=True, relevant=True), with_heading=False),
        encoded(TOKENS, example("It is a longer passage without it.", None, answerable=False), with_heading=False),
        encoded(TOKENS, example("", None), with_heading=False),
    ]
    batch = batch_of(rows)
    assert batch.count == 3
    assert batch.rows.present.sum(1).tolist() == [len(row.row.ids) for row in rows]
    assert batch.targets.answerable.tolist() == [1, 0, UNKNOWN]
    assert batch.targets.relevant.tolist() == [1, UNKNOWN, UNKNOWN]
    assert batch.rows.passage.any(1).all()  # a softmax over no place would be nan
    assert not (batch.rows.passage & ~batch.rows.present).any()


def test_every_example_is_seen_once_an_epoch_and_a_batch_is_a_function_of_seed_and_step() -> None:
    made = [encoded(TOKENS, example("word " * (n % 7 + 1), None), with_heading=False) for n in range(64)]
    pairs = Pairs(made)
    seen = [pairs._pool(3, 0, 2).tolist(), pairs._pool(3, 0, 2).tolist()]
    assert seen[0] == seen[1]
    assert sorted(seen[0]) == list(range(64))
    again = [pairs.training(3, step, 2, 0, 2).rows.ids for step in (5, 5)]
    assert torch.equal(*again)
    assert not np.array_equal(pairs._pool(3, 1, 2), pairs._pool(3, 0, 2))
