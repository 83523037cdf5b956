"""From training to the shipped graph: the ONNX pair encoder computes what the trained model does, row by row."""

from pathlib import Path

import numpy as np
import pytest
import torch

from openbook.compress import pair as shipping_pair
from openbook.compress.pair import Shipping
from openbook.compress.pair_graph import fp32_pair
from openbook.compress.pair_weights import read_pair
from openbook.encode.folder import SHIPPED, open_folder
from openbook.encode.pair import open_pair
from openbook.encode.pair_input import ROW_TOKENS, pair_rows
from openbook.encode.word_table import WordTable
from openbook.encode.wordpiece import WordPiece
from openbook.errors import OpenbookError
from openbook.heads import pair_checkpoint
from openbook.heads.examples import Example
from openbook.heads.pair_batches import batch_of, encoded
from openbook.heads.pair_encoder import PairEncoder
from openbook.model.shipped import shipped_encoder

WORDS = open_folder(SHIPPED)
TOKENS = WordPiece(WORDS)
TABLE = WordTable(WORDS.model)
QUESTION = "When was the treaty signed?"
PASSAGES = ("The treaty was signed in 1815, in Vienna.", "No one came.", "", "word " * 900)


@pytest.fixture(scope="module")
def model() -> PairEncoder:
    torch.manual_seed(0)
    made = PairEncoder(shipped_encoder())
    with torch.no_grad():
        made.encoder.kind.weight.normal_(std=0.05)
        made.encoder.blocks = made.encoder.blocks[:2]
        made.span.weight.normal_(std=0.2)
        made.decide.weight.normal_(std=0.5)
    return made.eval()


@pytest.fixture(scope="module")
def folder(model: PairEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as a training run leaves it, and as it is shipped."""
    place = tmp_path_factory.mktemp("pair")
    pair_checkpoint.write(place / "model", model)
    shipping = Shipping(WORDS.digest, 256, TABLE, alpha=0.5, most=1.0, card="# A pair encoder for tests\n")
    rows = [(row.ids, row.kinds) for text in PASSAGES[:2] for row in pair_rows(TOKENS, QUESTION, text)]
    weights = shipping_pair.read_weights(place / "model")
    shipping_pair.write(place / "int8", shipping_pair.build(weights, shipping, rows, rows), shipping)
    return place


def torch_scores(model: PairEncoder, passage: str):
    row = encoded(TOKENS, Example("1", "t", "g", QUESTION, passage), with_heading=False)
    rows = batch_of([row]).rows
    with torch.inference_mode():
        return model(rows.ids, rows.kinds, rows.present, rows.passage), row.row


def test_the_float_graph_is_the_trained_model(model: PairEncoder, folder: Path) -> None:
    import onnxruntime

    weights = shipping_pair.read_weights(folder / "model")
    session = onnxruntime.InferenceSession(fp32_pair(weights).SerializeToString())
    for passage in PASSAGES[:2]:
        expected, row = torch_scores(model, passage)
        words = model.encoder.embedding.weight.detach().numpy()[row.ids]
        spans, decisions = session.run(["spans", "decisions"], {"words": words, "kinds": row.kinds})
        inside = slice(row.begins, row.begins + len(row.offsets))
        np.testing.assert_allclose(spans[inside, 0], expected.starts[0, inside], atol=1e-4)
        np.testing.assert_allclose(spans[inside, 1], expected.ends[0, inside], atol=1e-4)
        np.testing.assert_allclose(decisions, [expected.relevance[0], expected.no_answer[0]], atol=1e-4)


def test_the_shipped_scorer_is_near_the_trained_model(model: PairEncoder, folder: Path) -> None:
    scores = open_pair(folder / "int8")(QUESTION, PASSAGES[:2])
    for score, passage in zip(scores, PASSAGES, strict=False):
        expected, _ = torch_scores(model, passage)
        assert score.relevance == pytest.approx(float(expected.relevance[0]), abs=0.3)
        assert score.no_answer == pytest.approx(float(expected.no_answer[0]), abs=0.3)


def test_a_score_depends_on_its_own_pair_alone(folder: Path) -> None:
    scorer, alone = open_pair(folder / "int8", threads=2), open_pair(folder / "int8", threads=1)
    together = scorer(QUESTION, PASSAGES)
    assert together == [alone(QUESTION, [passage])[0] for passage in PASSAGES]


def test_any_strings_are_scored_with_spans_inside_them(folder: Path) -> None:
    scorer = open_pair(folder / "int8")
    odd = ["", " ", "\0", "\ud800", "مرحبا بالعالم", "e\u0301" * 50, "x" * 50_000, "😀 ok"]
    for question in ("", "為什麼?", "why " * 5_000):
        for text, score in zip(odd, scorer(question, odd), strict=True):
            assert np.isfinite([score.relevance, score.no_answer]).all()
            assert all(0 <= s.span.start <= s.span.end <= len(text) and s.score <= 1e-3 for s in score.spans)


def test_no_passages_are_no_scores_and_one_string_is_refused(folder: Path) -> None:
    scorer = open_pair(folder / "int8")
    assert scorer(QUESTION, []) == []
    with pytest.raises(TypeError, match="list of passages"):
        scorer(QUESTION, "a passage")


def test_a_graph_that_moves_decisions_too_far_is_not_written(folder: Path) -> None:
    shipping = Shipping(WORDS.digest, 256, TABLE, alpha=0.5, most=1e-9, card="")
    rows = [(row.ids, row.kinds) for row in pair_rows(TOKENS, QUESTION, PASSAGES[0])]
    with pytest.raises(OpenbookError, match="moves a decision"):
        shipping_pair.build(shipping_pair.read_weights(folder / "model"), shipping, rows, rows)


@pytest.mark.parametrize("fault", ["model.onnx", "manifest.json", "words"])
def test_a_folder_that_is_not_whole_or_of_other_words_is_refused(folder: Path, tmp_path: Path, fault: str) -> None:
    import shutil

    broken = shutil.copytree(folder / "int8", tmp_path / "broken")
    if fault == "words":
        text = (broken / "manifest.json").read_text()
        (broken / "manifest.json").write_text(text.replace(WORDS.digest, "0" * 64))
    else:
        (broken / fault).write_bytes(b"no")
    with pytest.raises(OpenbookError, match="reinstall openbook"):
        open_pair(broken)


def test_weights_of_another_shape_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(OpenbookError, match="no trained pair encoder"):
        shipping_pair.read_weights(tmp_path)
    with pytest.raises(OpenbookError, match=r"no tensor encoder\.kind\.weight"):
        read_pair({}, 12, 1e-12, ROW_TOKENS)
