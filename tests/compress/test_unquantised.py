"""Weights back from a model.onnx: the onnx package's own reading, the equations' own results, and no damaged file."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openbook.compress.bert import Bert, read_bert
from openbook.compress.bert_reference import embed_by_the_equations
from openbook.compress.encoder_graph import fp32_encoder, int8_encoder
from openbook.compress.minilm import SHIPPED
from openbook.compress.onnx_file import read_onnx
from openbook.compress.unquantised import unquantised
from openbook.errors import OpenbookError

MINILM = SHIPPED / "minilm" / "model.onnx"
IDS = np.array([3, 1, 4, 1, 5])


@pytest.fixture
def bert(tensors: Mapping[str, np.ndarray]) -> Bert:
    return read_bert(tensors, heads=4, epsilon=1e-12, window=16)


def test_the_stored_tensors_are_those_that_onnx_reads() -> None:
    file = read_onnx(MINILM)
    graph = onnx.load(str(MINILM)).graph
    assert set(file.tensors) == {tensor.name for tensor in graph.initializer}
    for tensor in graph.initializer:
        np.testing.assert_array_equal(file.tensors[tensor.name], onnx.numpy_helper.to_array(tensor))
    assert file.settings("MultiHeadAttention")[0]["num_heads"] == 12


def test_unquantised_weights_come_back_whole(bert: Bert, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(fp32_encoder(bert).SerializeToString())
    found = embed_by_the_equations(unquantised(tmp_path / "model.onnx"), IDS)
    np.testing.assert_allclose(found, embed_by_the_equations(bert, IDS), atol=1e-6)


def test_divisors_are_multiplied_back(bert: Bert, tmp_path: Path) -> None:
    names = ["embedding_norm", *(f"layer{i}.{part}" for i in range(2) for part in ("attention_norm", "output_norm"))]
    divisors = {name: np.full(bert.hidden, 4, dtype=np.float32) for name in names[:-1]}
    (tmp_path / "model.onnx").write_bytes(int8_encoder(bert, divisors).SerializeToString())
    found = unquantised(tmp_path / "model.onnx")
    np.testing.assert_array_equal(found.embedding_norm.gamma, bert.embedding_norm.gamma)
    for layer, original in zip(found.layers, bert.layers, strict=True):
        step = np.abs(original.qkv.weight).max() / 60
        np.testing.assert_allclose(layer.qkv.weight, original.qkv.weight, atol=step)
    cosine = embed_by_the_equations(found, IDS) @ embed_by_the_equations(bert, IDS)
    assert cosine > 0.999


SMALL = onnx.helper.make_model(
    onnx.helper.make_graph([], "g", [], [], [onnx.numpy_helper.from_array(np.ones(3), "x")])
).SerializeToString()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_file_is_one_line(changes: list[tuple[int, int]], tmp_path: Path) -> None:
    content = bytearray(SMALL)
    for place, value in changes:
        content[place] = value
    for end in (len(content), changes[0][0]):
        (tmp_path / "model.onnx").write_bytes(content[:end])
        with pytest.raises(OpenbookError, match=r"is not an (ONNX model|encoder that openbook made)"):
            unquantised(tmp_path / "model.onnx")


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OpenbookError, match="cannot read"):
        unquantised(tmp_path / "model.onnx")
