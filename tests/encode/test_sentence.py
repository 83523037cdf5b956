"""The shipped encoder: the released model's similarities, and a vector that is the text's own, whatever its company."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.encode import SentenceEncoder, open_encoder
from openbook.errors import OpenbookError
from openbook.protocols import Embedder

# the first example of the sentence-transformers documentation, with the similarities that it prints for this model
PUBLISHED_TEXTS = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
PUBLISHED = [[1.0000, 0.6660, 0.1046], [0.6660, 1.0000, 0.1411], [0.1046, 0.1411, 1.0000]]

# similarities by the unquantised graph of the same weights
TEXTS = [
    "How does LoRA save memory?",
    "Low-rank adaptation trains two small matrices and leaves the weights frozen.",
    "The cat sat on the mat.",
    "A kitten was resting on a rug.",
    "Interest rates rose by a quarter of a point.",
    "def add(a, b): return a + b",
]
UNQUANTISED = [
    [1.0000, 0.1818, 0.0699, 0.0634, 0.0724, 0.0704],
    [0.1818, 1.0000, 0.0763, 0.0796, -0.0646, 0.0358],
    [0.0699, 0.0763, 1.0000, 0.6236, -0.0102, -0.0674],
    [0.0634, 0.0796, 0.6236, 1.0000, -0.0013, 0.0388],
    [0.0724, -0.0646, -0.0102, -0.0013, 1.0000, 0.1368],
    [0.0704, 0.0358, -0.0674, 0.0388, 0.1368, 1.0000],
]

PARAGRAPH = "The river rises in the hills, runs south for forty miles, and reaches the sea in a broad delta. " * 12
POOL = [*TEXTS, "", "a", "7", "\x00", "Ünïcödé 日本", PARAGRAPH, PARAGRAPH[:300], "x" * 500, "word " * 100]


@pytest.mark.parametrize(("texts", "expected"), [(PUBLISHED_TEXTS, PUBLISHED), (TEXTS, UNQUANTISED)])
def test_similarities_are_those_of_the_released_model(
    encoder: SentenceEncoder, texts: list[str], expected: list[list[float]]
) -> None:
    vectors = encoder(texts)
    assert np.abs(vectors @ vectors.T - np.array(expected)).max() < 0.015


def test_it_is_an_embedder(encoder: SentenceEncoder) -> None:
    embedder: Embedder = encoder
    assert embedder.dim == 384
    assert len(embedder.digest) == 64
    assert encoder.window == 256
    assert open_encoder(threads=1).digest == embedder.digest


def test_vectors_are_unit_rows_in_order(encoder: SentenceEncoder) -> None:
    vectors = encoder(POOL)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(POOL), 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder([]).shape == (0, 384)


@pytest.fixture(scope="module")
def alone(encoder: SentenceEncoder) -> np.ndarray:
    return np.concatenate([encoder([text]) for text in POOL])


@pytest.fixture(scope="module")
def by_threads() -> dict[int, SentenceEncoder]:
    return {threads: open_encoder(threads=threads) for threads in (1, 2, 3)}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, len(POOL) - 1), max_size=12), st.sampled_from([1, 2, 3]))
def test_a_vector_never_depends_on_its_neighbours(
    alone: np.ndarray, by_threads: dict[int, SentenceEncoder], batch: list[int], threads: int
) -> None:
    vectors = by_threads[threads]([POOL[index] for index in batch])
    assert vectors.tobytes() == alone[batch].tobytes()


def test_a_new_process_gives_the_same_bits(alone: np.ndarray) -> None:
    script = f"from openbook.encode import open_encoder; print(open_encoder()({TEXTS!r}).tobytes().hex())"
    fresh = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.strip()
    assert bytes.fromhex(fresh) == alone[: len(TEXTS)].tobytes()


def test_what_lies_beyond_the_window_does_not_count(encoder: SentenceEncoder) -> None:
    long = "word " * 254
    assert np.array_equal(*encoder([long, long + "and something else entirely " * 50]))
    assert not np.array_equal(*encoder([long[:-5], long]))


@pytest.mark.parametrize(
    "text",
    ["", " \t\n", "\x00", "a\x00b" * 9, "\ud800", "lone \udfff surrogate", "\u202eright to left", "e\u0301" * 400,
     "\U0010ffff\ufffe", "[CLS] [SEP] [MASK]", "x" * 1_000_000, "word " * 200_000, " " * 1_000_000, "\u0301" * 100_000],
    ids=lambda text: f"{text[:8]!r}x{len(text)}",
)  # fmt: skip
def test_any_string_has_a_unit_vector(encoder: SentenceEncoder, text: str) -> None:
    vector = encoder([text])[0]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_lone_surrogate_is_read_as_an_unknown_character(encoder: SentenceEncoder) -> None:
    assert np.array_equal(*encoder(["broken \ud83d text", "broken \ufffd text"]))


def test_one_text_instead_of_a_list_is_a_mistake(encoder: SentenceEncoder) -> None:
    with pytest.raises(TypeError, match="a list of texts"):
        encoder("not a list")
    with pytest.raises(TypeError):
        encoder([None])  # type: ignore[list-item]


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_counts_every_text(by_threads: dict[int, SentenceEncoder], threads: int) -> None:
    seen: list[tuple[int, int]] = []
    by_threads[threads].encode(TEXTS, lambda done, total: seen.append((done, total)))
    assert seen == [(done, len(TEXTS)) for done in range(1, len(TEXTS) + 1)]


def test_an_interruption_stops_the_work_and_leaves_the_encoder_usable(encoder: SentenceEncoder) -> None:
    embedded: list[str] = []
    inner: Callable[[str], np.ndarray] = encoder._embed

    def counted(text: str) -> np.ndarray:
        embedded.append(text)
        time.sleep(0.005)  # slower than the queue fills, so that what is queued is there to be cancelled
        return inner(text)

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    encoder._embed = counted  # type: ignore[method-assign]
    try:
        with pytest.raises(KeyboardInterrupt):
            encoder.encode(["a short text"] * 3000, interrupt)
    finally:
        del encoder._embed
    assert len(embedded) < 200
    assert encoder(["again"]).shape == (1, 384)


def test_more_texts_than_are_queued_at_once(encoder: SentenceEncoder, alone: np.ndarray) -> None:
    order = [index % 3 for index in range(700)]
    assert np.array_equal(encoder([POOL[index] for index in order]), alone[order])


def test_it_may_be_shared_between_threads(encoder: SentenceEncoder, alone: np.ndarray) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: encoder(POOL), range(6)))
    assert all(np.array_equal(vectors, alone) for vectors in results)


def test_a_missing_model_and_no_threads_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OpenbookError, match="no model in"):
        open_encoder(tmp_path)
    with pytest.raises(ValueError, match="1 or more"):
        open_encoder(threads=0)


def test_importing_is_light_and_encoding_needs_neither_torch_nor_onnx() -> None:
    script = """
import sys
import openbook.encode
heavy = {"onnxruntime", "tokenizers", "onnx", "torch", "transformers", "safetensors", "scipy", "pandas"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
openbook.encode.open_encoder(threads=1)(["text"])
assert not {"onnx", "torch", "transformers", "safetensors"} & set(sys.modules)
assert not [name for name in sys.modules if name.startswith("openbook.compress")]
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
