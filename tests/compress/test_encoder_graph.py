"""The graphs against the equations, and the equations against a forward pass from the checkpoint's own tensors."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime
import pytest

from openbook.compress.bert import Bert, Norm, read_bert
from openbook.compress.bert_reference import embed_by_the_equations
from openbook.compress.encoder_graph import fp32_encoder, int8_encoder
from openbook.compress.graph_writer import GraphWriter
from openbook.compress.linear_nodes import row_wise_int8_linear
from openbook.compress.pairsafe import largest_pair, quantise_columns_pairsafe
from openbook.compress.smooth import divisors, largest_activations
from openbook.errors import OpenbookError

HEADS, EPSILON, WINDOW = 4, 1e-12, 16


@pytest.fixture
def bert(tensors: Mapping[str, np.ndarray]) -> Bert:
    return read_bert(tensors, HEADS, EPSILON, WINDOW)


def session(model: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def embed(model: Any, ids: np.ndarray) -> np.ndarray:
    return session(model).run(None, {"ids": ids})[0]


def some_ids(length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 15, length)


def forward_from_tensors(tensors: Mapping[str, np.ndarray], ids: np.ndarray) -> np.ndarray:
    """A second BERT, token by token and head by head in float64, by the tensors' own names and layout."""

    def linear(name: str, x: np.ndarray) -> np.ndarray:
        return tensors[f"{name}.weight"].astype(np.float64) @ x + tensors[f"{name}.bias"]

    def norm(name: str, x: np.ndarray) -> np.ndarray:
        return (x - x.mean()) / math.sqrt(x.var() + EPSILON) * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]

    table = tensors["embeddings.word_embeddings.weight"].astype(np.float64)
    places = tensors["embeddings.position_embeddings.weight"]
    segment = tensors["embeddings.token_type_embeddings.weight"][0]
    rows = [norm("embeddings.LayerNorm", table[token] + places[place] + segment) for place, token in enumerate(ids)]
    for layer in range(sum(name.endswith("intermediate.dense.bias") for name in tensors)):
        at = f"encoder.layer.{layer}"
        query, key, value = (
            [linear(f"{at}.attention.self.{name}", x) for x in rows] for name in ("query", "key", "value")
        )
        width = len(rows[0]) // HEADS
        following = []
        for place, x in enumerate(rows):
            heads = []
            for head in range(HEADS):
                part = slice(head * width, (head + 1) * width)
                weights = np.exp([query[place][part] @ other[part] / math.sqrt(width) for other in key])
                weights /= weights.sum()
                heads.append(sum(weight * other[part] for weight, other in zip(weights, value, strict=True)))
            attended = linear(f"{at}.attention.output.dense", np.concatenate(heads))
            x = norm(f"{at}.attention.output.LayerNorm", x + attended)
            inner = linear(f"{at}.intermediate.dense", x)
            inner = np.array([u * (1 + math.erf(u / math.sqrt(2))) / 2 for u in inner])
            following.append(norm(f"{at}.output.LayerNorm", x + linear(f"{at}.output.dense", inner)))
        rows = following
    mean = np.mean(rows, axis=0)
    return mean / np.linalg.norm(mean)


@pytest.mark.parametrize("length", [2, 3, 7, WINDOW])
def test_equations_and_fp32_graph_equal_a_second_forward_pass(
    tensors: Mapping[str, np.ndarray], bert: Bert, length: int
) -> None:
    ids = some_ids(length)
    expected = forward_from_tensors(tensors, ids)
    assert np.abs(embed_by_the_equations(bert, ids) - expected).max() < 1e-5
    assert np.abs(embed(fp32_encoder(bert), ids) - expected).max() < 1e-4


def test_int8_graph_stays_close(bert: Bert) -> None:
    model = session(int8_encoder(bert, {}))
    for seed in range(20):
        ids = some_ids(2 + seed % 14, seed)
        vector = model.run(None, {"ids": ids})[0]
        assert float(vector @ embed_by_the_equations(bert, ids)) > 0.998
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


def test_every_matrix_of_the_int8_graph_is_safe_without_vnni(bert: Bert) -> None:
    from onnx import numpy_helper

    model = int8_encoder(bert, {})
    matrices = [t for t in model.graph.initializer if t.name.endswith(".weight")]
    assert len(matrices) == 2 * 4
    for matrix in matrices:
        values = numpy_helper.to_array(matrix)
        assert values.dtype == np.int8
        assert largest_pair(values) <= 128


def with_outlier(bert: Bert, channel: int = 5, factor: float = 30) -> Bert:
    """One channel of the embeddings' normalisation made large, as trained encoders have them."""
    gamma = bert.embedding_norm.gamma.copy()
    gamma[channel] *= factor
    norm = Norm(gamma, bert.embedding_norm.beta)
    return Bert(bert.words, bert.positions, norm, bert.layers, bert.heads, bert.epsilon)


def test_moving_outliers_brings_int8_closer(bert: Bert) -> None:
    odd = with_outlier(bert)
    texts = [some_ids(10, seed) for seed in range(30)]
    largest = largest_activations(odd, (odd.words[ids] for ids in texts[:10]))
    by_name = {name: divisors(values, 0.75) for name, values in list(largest.items())[:-1]}
    assert by_name["embedding_norm"][5] > 4
    plain, smoothed = session(int8_encoder(odd, {})), session(int8_encoder(odd, by_name))
    lost = [
        [1 - float(model.run(None, {"ids": ids})[0] @ embed_by_the_equations(odd, ids)) for ids in texts]
        for model in (plain, smoothed)
    ]
    assert np.mean(lost[1]) < 0.7 * np.mean(lost[0])


def test_divisors_are_powers_of_two_and_leave_small_channels_alone() -> None:
    largest = np.array([0.0, 0.5, 1.0, 1.0, 1.0, 2.0, 8.0, 1e9], dtype=np.float32)
    assert divisors(largest, 1.0).tolist() == [1, 1, 1, 1, 1, 2, 8, 16]
    assert divisors(largest, 0.0).tolist() == [1] * 8
    assert divisors(np.zeros(4, dtype=np.float32), 1.0).tolist() == [1] * 4


def test_the_same_weights_give_the_same_bytes(bert: Bert) -> None:
    first, second = (int8_encoder(bert, {}).SerializeToString(deterministic=True) for _ in range(2))
    assert first == second


def linear_session(weight: np.ndarray, *, after_gelu: bool) -> Any:
    from onnx import TensorProto, helper

    graph = GraphWriter()
    graph.shared["length"] = graph.node("Shape", "x", start=0, end=1)
    y = row_wise_int8_linear(graph, "x", "matrix", weight, after_gelu=after_gelu)
    shapes = ("x", ["rows", weight.shape[0]]), (y, ["rows", weight.shape[1]])
    x_info, y_info = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes)
    made = helper.make_graph(graph.nodes, "linear", [x_info], [y_info], list(graph.constants.values()))
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    return session(helper.make_model(made, opset_imports=opsets, ir_version=9))


@pytest.mark.parametrize("after_gelu", [False, True])
def test_row_wise_nodes_equal_their_equation(after_gelu: bool) -> None:
    random = np.random.default_rng(1)
    weight = random.normal(size=(64, 24)).astype(np.float32)
    x = (random.normal(size=(9, 64)) * random.uniform(0.1, 30, (9, 1))).astype(np.float32)
    x[4] = 0
    if after_gelu:
        x = np.maximum(x, np.float32(-0.17))
    if after_gelu:
        row, zero = np.maximum(x.max(axis=1) / 239, 0.17 / 16), 16
    else:
        row, zero = np.maximum(np.abs(x).max(axis=1) / 127, 1e-12), 128
    quantised = quantise_columns_pairsafe(weight)
    levels = np.clip(np.rint(x / row[:, None].astype(np.float32)) + zero, 0, 255) - zero
    expected = (levels @ quantised.values.astype(np.float64)) * row[:, None] * quantised.scales
    found = linear_session(weight, after_gelu=after_gelu).run(None, {"x": x})[0]
    step = row[:, None] * np.abs(quantised.dequantise()).max(axis=0)  # one value at a rounding edge may fall either way
    assert np.all(np.abs(found - expected) <= 1.01 * step)
    assert np.mean(np.abs(found - expected) < 1e-4 * np.abs(expected).max()) > 0.97
    assert np.all(found[4] == 0)


@pytest.mark.parametrize("after_gelu", [False, True])
def test_a_row_does_not_depend_on_other_rows(after_gelu: bool) -> None:
    random = np.random.default_rng(2)
    model = linear_session(random.normal(size=(64, 24)).astype(np.float32), after_gelu=after_gelu)
    x = random.normal(size=(7, 64)).astype(np.float32)
    louder = np.concatenate([x, x * 1000])
    assert np.array_equal(model.run(None, {"x": louder})[0][:7], model.run(None, {"x": x})[0])


def test_weights_of_another_kind_are_refused(tensors: Mapping[str, np.ndarray]) -> None:
    lacking = {name: value for name, value in tensors.items() if not name.endswith("value.bias")}
    with pytest.raises(OpenbookError, match=r"no tensor encoder\.layer\.0\.attention\.self\.value\.bias"):
        read_bert(lacking, HEADS, EPSILON, WINDOW)
    with pytest.raises(OpenbookError, match="24 positions"):
        read_bert(tensors, HEADS, EPSILON, 25)
