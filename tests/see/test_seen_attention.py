"""Where the shipped encoder looks, without torch: distributions, by the tokens of the text, and what stands out."""

from pathlib import Path

import numpy as np
import pytest

from openbook.compress.bert_reference import embed_by_the_equations
from openbook.compress.unquantised import unquantised
from openbook.encode import open_encoder
from openbook.encode.folder import SHIPPED
from openbook.errors import OpenbookError
from openbook.see.attention import Maps, attention_maps
from openbook.see.habits import habits, strongest_ties
from openbook.see.pieces import Pieces, pieces

TEXT = "The cat sat because it was tired"


@pytest.fixture(scope="module")
def maps() -> Maps:
    return attention_maps(unquantised(SHIPPED / "model.onnx"), pieces(SHIPPED, TEXT, 64).ids)


def test_every_row_is_a_distribution(maps: Maps) -> None:
    assert maps.shape == (6, 12, 9, 9)
    assert maps.min() >= 0
    np.testing.assert_allclose(maps.sum(axis=-1), 1, atol=1e-5)


def test_it_is_the_shipped_encoder_that_is_seen() -> None:
    """The weights that the maps come from make the embedding that the shipped INT8 model makes."""
    ours = embed_by_the_equations(unquantised(SHIPPED / "model.onnx"), pieces(SHIPPED, TEXT, 64).ids)
    assert float(ours @ open_encoder(threads=1)([TEXT])[0]) > 0.995


def test_a_head_of_minilm_looks_one_token_back(maps: Maps) -> None:
    found = {habit.name: habit for habit in habits(maps, pieces(SHIPPED, TEXT, 64))}
    assert set(found) == {"the token before", "the token after", "itself", "[CLS]", "[SEP]"}
    before = found["the token before"]
    assert (before.layer, before.head) == (0, 2)
    assert before.share > 0.9


def test_what_the_model_does_not_know_is_shown_as_what_it_reads() -> None:
    assert pieces(SHIPPED, "a ☃ is", 64).labels == ("[CLS]", "a", "☃ = [UNK]", "is", "[SEP]")


def test_ties_are_between_words_that_do_not_touch(maps: Maps) -> None:
    seen = pieces(SHIPPED, TEXT, 64)
    ties = strongest_ties(maps, seen)
    assert [tie.weight for tie in ties] == sorted((tie.weight for tie in ties), reverse=True)
    for tie in ties:
        assert abs(tie.row - tie.column) > 1
        assert not seen.added[tie.row]
        assert not seen.added[tie.column]
        assert maps[:, :, tie.row, tie.column].max() == maps[tie.layer, tie.head, tie.row, tie.column]


def test_a_decoder_has_no_habit_of_looking_ahead() -> None:
    weights = np.tril(np.ones((1, 1, 3, 3), dtype=np.float32))
    weights /= weights.sum(axis=-1, keepdims=True)
    seen = Pieces(np.arange(3), ("a", "b", "c"), (False,) * 3)
    assert {habit.name for habit in habits(weights, seen)} == {"the token before", "itself"}
    assert [(tie.row, tie.column) for tie in strongest_ties(weights, seen)] == [(2, 0)]


def test_labels_are_the_characters_of_the_text() -> None:
    seen = pieces(SHIPPED, "Unbelievable Straße [SEP]", 64)
    assert seen.labels[:2] == ("[CLS]", "Unbelievable")
    assert seen.labels[2:4] == ("St", "##raße")
    assert seen.added == (True, *(False,) * (len(seen.ids) - 2), True)
    assert list(seen.ids).count(102) == 1  # what was typed is no control token


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "no token"),
        ("  \n ", "no token"),
        ("word " * 70, "has 72 tokens, and 64"),
        ("x" * 5000, "5,000 characters"),
    ],
)
def test_what_cannot_be_seen_is_one_line(text: str, line: str) -> None:
    with pytest.raises(OpenbookError, match=line):
        pieces(SHIPPED, text, 64)


def test_no_tokenizer_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OpenbookError, match=r"no tokenizer\.json"):
        pieces(tmp_path, TEXT, 64)
