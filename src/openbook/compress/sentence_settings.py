"""How a sentence-transformers folder says that its encoder is used: what is pooled, and how long a text may be."""

import json
from pathlib import Path
from typing import Any, cast

from openbook.compress.encoder_graph import Pooling
from openbook.model.config import BadCheckpoint
from openbook.model.families.fields import read_fields

_LARGEST_FILE = 1_000_000
_SHORTEST = 3
"""Tokens of the shortest window: [CLS], one of the text, [SEP]."""


def sentence_settings(folder: Path, transformer: Path, context: int) -> tuple[Pooling, int]:
    """The pooling and the window of the checkpoint in ``folder``, whose transformer lies there or in a folder within.

    The mean and the whole context where nothing is said, as of a plain BERT. Raises BadCheckpoint for a pooling or a
    further layer that the graph does not have.
    """
    window = min(context, _longest(transformer, folder) or context)
    if window < _SHORTEST:
        raise BadCheckpoint(f"{folder} reads {window} tokens a text: {_SHORTEST} are the fewest that hold a word")
    return _pooling(folder), window


def _longest(*folders: Path) -> int | None:
    """The tokens of a text, as sentence-transformers kept them before version 6, or as the tokenizer does."""
    for name, key in (("sentence_bert_config.json", "max_seq_length"), ("tokenizer_config.json", "model_max_length")):
        for path in (folder / name for folder in folders):
            found: object = read_fields(path).values.get(key) if path.is_file() else None
            if type(found) is int and found > 0:  # some files hold a float of no meaning, or 10^30 for none
                return found
    return None


def _pooling(folder: Path) -> Pooling:
    path = folder / "modules.json"
    if not path.is_file():
        return "mean"
    pooling: Pooling = "mean"
    for module in _modules(path):
        kind = str(module.get("type")).rpartition(".")[2]
        if kind == "Pooling":
            inner = str(module.get("path"))
            if Path(inner).name != inner:
                raise BadCheckpoint(f"{path} names a folder elsewhere: do not use it")
            pooling = _pooled(folder / inner / "config.json")
        elif kind not in ("Transformer", "Normalize"):
            raise BadCheckpoint(f"{path} has a layer {kind[:40]!r} after the encoder, which cannot be compressed yet")
    return pooling


def _pooled(path: Path) -> Pooling:
    said = read_fields(path)
    modes = [name for name, on in said.values.items() if name.startswith("pooling_mode_") and on is True]
    mode = modes or [f"pooling_mode_{said.values.get('pooling_mode')}_tokens"]
    if mode == ["pooling_mode_mean_tokens"]:
        return "mean"
    if mode in (["pooling_mode_cls_token"], ["pooling_mode_cls_tokens"]):
        return "first"
    raise BadCheckpoint(
        f"{path} pools by {', '.join(mode)[:80]}: only encoders that take the mean or [CLS] can be used"
    )


def _modules(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            found: object = json.loads(file.read(_LARGEST_FILE))
    except OSError as error:
        raise BadCheckpoint(f"cannot read {path}: {error.strerror}; copy it again") from error
    except (ValueError, RecursionError) as error:
        raise BadCheckpoint(f"{path} is not valid JSON: copy or download it again") from error
    listed = cast("list[object]", found) if isinstance(found, list) else []
    if not listed or not all(isinstance(each, dict) for each in listed):
        raise BadCheckpoint(f"{path} lists no modules: copy or download it again")
    return cast("list[dict[str, Any]]", listed)
