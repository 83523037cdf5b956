"""A tiny random BERT, as a checkpoint's tensors and as a source folder with its recipe; a small tokenizer."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from openbook import tokens

Tensors = Mapping[str, np.ndarray]

HIDDEN, HEADS, INNER, POSITIONS, EPSILON = 32, 4, 128, 24, 1e-12
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "dog", "sat", "##s", "##ing", "run", ".", ",", "?"]


def random_tensors(seed: int = 0, layers: int = 2) -> dict[str, np.ndarray]:
    """The tensors of a BERT checkpoint by the names Hugging Face gives them, linear weights as (out, in)."""
    random = np.random.default_rng(seed)

    def normal(*shape: int, scale: float = 0.2) -> np.ndarray:
        return random.normal(0, scale, shape).astype(np.float32)

    tensors = {
        "embeddings.word_embeddings.weight": normal(len(WORDS), HIDDEN, scale=1),
        "embeddings.position_embeddings.weight": normal(POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": normal(2, HIDDEN),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(layers):
        prefix = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            tensors |= _linear(f"{prefix}.attention.self.{part}", normal, HIDDEN, HIDDEN)
        tensors |= _linear(f"{prefix}.attention.output.dense", normal, HIDDEN, HIDDEN)
        tensors |= _linear(f"{prefix}.intermediate.dense", normal, INNER, HIDDEN)
        tensors |= _linear(f"{prefix}.output.dense", normal, HIDDEN, INNER)
        norms += [f"{prefix}.attention.output.LayerNorm", f"{prefix}.output.LayerNorm"]
    for name in norms:
        tensors |= {f"{name}.weight": 1 + normal(HIDDEN), f"{name}.bias": normal(HIDDEN)}
    return tensors


def _linear(name: str, normal: Callable[..., np.ndarray], outputs: int, inputs: int) -> dict[str, np.ndarray]:
    return {f"{name}.weight": normal(outputs, inputs), f"{name}.bias": normal(outputs)}


@pytest.fixture
def tensors() -> Tensors:
    return random_tensors()


@pytest.fixture
def source_files() -> dict[str, bytes]:
    """model.safetensors, config.json and tokenizer.json of the tiny encoder."""
    from safetensors.numpy import save
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.WordPiece({word: index for index, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    config = {"num_attention_heads": HEADS, "layer_norm_eps": EPSILON}
    return {
        "model.safetensors": save(random_tensors()),
        "config.json": json.dumps(config).encode(),
        "tokenizer.json": tokenizer.to_str().encode(),
    }


RECIPE = """
[model]
name = "tiny"
window = 16
card = "A tiny encoder."
[source]
package = "tiny-encoder"
version = "1.0"
folder = "tiny/model"
[source.sha256]
{digests}
[int8]
alpha = 0.75
minimum_cosine = 0.9
[texts]
calibration = ["the cat sat.", "dogs run", "the dog, the cat"]
verification = ["the running dog?"]
"""


@pytest.fixture
def source_folder(tmp_path: Path, source_files: dict[str, bytes]) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for name, content in source_files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def recipe_path(tmp_path: Path, source_files: dict[str, bytes]) -> Path:
    digests = "\n".join(f'"{name}" = "{sha256(content).hexdigest()}"' for name, content in source_files.items())
    path = tmp_path / "tiny.toml"
    path.write_text(RECIPE.format(digests=digests))
    return path


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokens.train_bpe(["some words of a small text, some words"] * 4, 280).save(path)
    return path
