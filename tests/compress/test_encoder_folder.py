"""A BERT checkpoint becomes a folder that ``encode`` opens: in floats transformers' vectors, in INT8 near them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel

from openbook.compress.encoder_checkpoint import read_checkpoint
from openbook.compress.encoder_folder import write_encoder
from openbook.encode import open_encoder
from openbook.encode.token_states import open_token_encoder
from openbook.errors import OpenbookError

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"the a cat dog sat ran on under mat tree and then .".split()]
TEXTS = ["the cat sat on the mat.", "a dog ran under the tree and then sat", "cat", "the dog and the cat ran ."]
SHAPE = {
    "vocab_size": len(WORDS),
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 40,
}


@pytest.fixture
def model() -> BertModel:
    torch.manual_seed(0)
    model = BertModel(BertConfig(**SHAPE)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            torch.nn.init.normal_(parameter, mean=float("LayerNorm.weight" in name), std=0.2)
    return model


@pytest.fixture
def checkpoint(model: BertModel, tmp_path: Path) -> Path:
    folder = tmp_path / "bert"
    model.save_pretrained(folder)
    tokenizer = Tokenizer(models.WordPiece({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def theirs(model: BertModel, folder: Path, pooling: str = "mean") -> np.ndarray:
    checkpoint = read_checkpoint(folder)
    with torch.inference_mode():
        hidden = [model(torch.from_numpy(checkpoint.ids(text))[None]).last_hidden_state[0] for text in TEXTS]
    rows = torch.stack([states.mean(dim=0) if pooling == "mean" else states[0] for states in hidden])
    return torch.nn.functional.normalize(rows).numpy()


def written(folder: Path, to: Any) -> Path:
    out = folder.parent / to
    write_encoder(read_checkpoint(folder), out, to, TEXTS)
    return out


def test_the_folder_says_what_transformers_says(model: BertModel, checkpoint: Path) -> None:
    expected = theirs(model, checkpoint)
    fp32, int8 = (open_encoder(written(checkpoint, to), threads=1) for to in ("fp32", "int8"))
    assert np.abs(fp32(TEXTS) - expected).max() < 1e-5
    assert np.sum(int8(TEXTS) * expected, axis=1).min() > 0.999
    assert (int8.dim, int8.window) == (32, 40)
    assert int8.digest != fp32.digest
    states = open_token_encoder(checkpoint.parent / "int8")([TEXTS[0]])[0]
    assert states.vectors.shape == (7, 32)


def test_what_a_sentence_folder_says_is_kept(model: BertModel, checkpoint: Path) -> None:
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    (checkpoint / "modules.json").write_text(json.dumps(modules))
    (checkpoint / "1_Pooling").mkdir()
    pooling = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (checkpoint / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (checkpoint / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 6, "do_lower_case": False}))
    found = open_encoder(written(checkpoint, "fp32"), threads=1)
    assert found.window == 6
    assert np.abs(found(TEXTS) - theirs(model, checkpoint, "first")).max() < 1e-5
    (checkpoint / "sentence_bert_config.json").unlink()  # what follows is how version 6 writes it
    (checkpoint / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 7}))
    (checkpoint / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": "cls"}))
    found = open_encoder(written(checkpoint, "fp32"), threads=1)
    assert found.window == 7
    assert np.abs(found(TEXTS[2:3]) - theirs(model, checkpoint, "first")[2:3]).max() < 1e-5
    (checkpoint / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_max_tokens": True}))
    with pytest.raises(OpenbookError, match="pools by pooling_mode_max_tokens"):
        read_checkpoint(checkpoint)
    modules[2]["type"] = "sentence_transformers.models.Dense"
    (checkpoint / "modules.json").write_text(json.dumps(modules))
    (checkpoint / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    with pytest.raises(OpenbookError, match="has a layer 'Dense' after the encoder"):
        read_checkpoint(checkpoint)


def test_half_precision_and_prefixed_names_are_read(model: BertModel, checkpoint: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = checkpoint / "model.safetensors"
    halves = {f"bert.{name}": tensor.to(torch.bfloat16) for name, tensor in load_file(path).items()}
    halves["cls.predictions.bias"] = torch.zeros(3)
    save_file(halves, path)
    expected = theirs(model.to(torch.bfloat16).float(), checkpoint)
    assert np.abs(open_encoder(written(checkpoint, "fp32"), threads=1)(TEXTS) - expected).max() < 1e-5


def change_config(**values: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


def break_weights(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    tensors["encoder.layer.1.output.dense.weight"][3, 3] = np.nan
    save_file(tensors, folder / "model.safetensors")


def flatten_a_key(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    tensors["encoder.layer.0.attention.self.key.weight"] = np.ones(7, np.float32)
    save_file(tensors, folder / "model.safetensors")


def more_tokens(folder: Path) -> None:
    path = folder / "tokenizer.json"
    said = json.loads(path.read_text())
    said["model"]["vocab"] |= {f"word{number}": 100 + number for number in range(3)}
    path.write_text(json.dumps(said))


def no_marks(folder: Path) -> None:
    path = folder / "tokenizer.json"
    path.write_text(path.read_text().replace("[CLS]", "<s>"))


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), r"has no tokenizer\.json"),
        (more_tokens, "has 103 tokens and the model 18"),
        (no_marks, r"has no \[CLS\] and \[SEP\]"),
        (break_weights, "numbers that are not finite"),
        (flatten_a_key, "do not fit together"),
        (change_config(hidden_act="gelu_new"), "activation gelu_tanh"),
        (change_config(intermediate_size=66), "of shape .* asks for"),
        (change_config(num_hidden_layers=3), "asks for 3 layers"),
        (change_config(vocab_size=40), "the word table is of shape"),
        (change_config(position_embedding_type="relative_key"), "does not have"),
    ],
)
def test_what_cannot_be_made_is_one_line(checkpoint: Path, damage: Callable[[Path], None], line: str) -> None:
    damage(checkpoint)
    with pytest.raises(OpenbookError, match=line) as found:
        read_checkpoint(checkpoint)
    assert "\n" not in str(found.value)
