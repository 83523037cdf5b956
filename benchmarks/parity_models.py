"""Are our models those of the field? Every family's checkpoints, odd corners too, against transformers in FP32.

Small random checkpoints that transformers writes, and the real MiniLM: largest difference of our logits (or hidden
states) from its, of its logits once we have written the model again, and of our cached from our full pass. A check that
cannot run here is shown as missing. Writes evidence/parity_models.json. Run: python -m benchmarks.parity_models
"""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from inspect import signature
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    BertForMaskedLM,
    BertModel,
    DynamicCache,
    GPT2Model,
)

from benchmarks.data import ROOT
from benchmarks.publish import publish
from openbook.compress.recipe import read_recipe
from openbook.compress.source import fetch
from openbook.compress.unquantised import unquantised
from openbook.encode.folder import SHIPPED
from openbook.errors import OpenbookError
from openbook.model import Decoder, Encoder
from openbook.model.attention_maps import attention_maps
from openbook.model.checkpoint import load, save
from openbook.report.record import Figure
from openbook.report.tables import Column, Table
from openbook.see.attention import attention_maps as seen_in_numpy
from openbook.see.pieces import pieces

Found = TypeVar("Found")
VOCABULARY, TIME = 97, 24
BOUND = 1e-4
SENTENCES = ("The cat sat because it was tired.", "Quotes are exact, or there is no answer.", "Yes.")


@dataclass(frozen=True, slots=True)
class Case:
    """A checkpoint to compare: config.json's keys, how its files are changed once written, and how they are."""

    family: str
    corner: str
    keys: Mapping[str, Any] = field(default_factory=dict[str, Any])
    change: Callable[[Path], None] | None = None
    stored: torch.dtype = torch.float32
    shard: str = "1GB"
    body: Any = None  # the class that writes it, where it is not the language model's


@dataclass(frozen=True, slots=True)
class Differences:
    """Largest absolute ones; None: there is no such thing, as an encoder has no cache."""

    read: float
    written: float
    cached: float | None


LLAMA: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 64,
    "bos_token_id": 1, "eos_token_id": [2, 5], "pad_token_id": 0,
}  # fmt: skip
GPT2: dict[str, Any] = {
    "vocab_size": VOCABULARY, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 64,
    "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
BERT: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3,
    "num_attention_heads": 4, "max_position_embeddings": 64,
}  # fmt: skip
SIZES: dict[str, dict[str, Any]] = dict.fromkeys(("llama", "mistral", "qwen2", "qwen3"), LLAMA) | {
    "gpt2": GPT2,
    "bert": BERT,
}


def _head_stored_too(folder: Path) -> None:
    """Some tied checkpoints hold the output weights all the same."""
    tensors = load_file(folder / "model.safetensors")
    name = next(name for name in tensors if name.endswith(("embed_tokens.weight", "wte.weight")))
    save_file({**tensors, "lm_head.weight": tensors[name].clone()}, folder / "model.safetensors", {"format": "pt"})


def _old_norm_names(folder: Path) -> None:
    """As TensorFlow called them, and BERT's first checkpoints still do."""
    tensors = load_file(folder / "model.safetensors")
    olden = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    for new, old in olden.items():
        tensors = {name.replace(new, old): tensor for name, tensor in tensors.items()}
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def _old_spelling(folder: Path) -> None:
    """config.json as transformers 4 wrote it."""
    path = folder / "config.json"
    keys = json.loads(path.read_text())
    rope = keys.pop("rope_parameters")
    keys["rope_theta"] = rope.pop("rope_theta")
    kind = rope.pop("rope_type")
    keys["rope_scaling"] = None if kind == "default" else {"type": kind, **rope}
    keys["torch_dtype"] = keys.pop("dtype")
    path.write_text(json.dumps(keys))


def _rope(kind: str, **said: Any) -> dict[str, Any]:
    return {"rope_parameters": {"rope_type": kind, "rope_theta": 10_000.0, **said}}


CASES = (
    Case("llama", "grouped heads, untied"),
    Case("llama", "tied, output weights stored too", {"tie_word_embeddings": True}, change=_head_stored_too),
    Case("llama", "biases in attention and feed-forward", {"attention_bias": True, "mlp_bias": True}),
    Case("llama", "heads wider than width / heads", {"head_dim": 20, "tie_word_embeddings": True}),
    Case("llama", "rope linear, keys of transformers 4", _rope("linear", factor=4.0), change=_old_spelling),
    Case("llama", "rope dynamic, beyond its context", {**_rope("dynamic", factor=3.0), "max_position_embeddings": 16}),
    Case("llama", "rope llama3", _rope("llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                       original_max_position_embeddings=16)),
    Case("llama", "rope yarn", _rope("yarn", factor=4.0, original_max_position_embeddings=16)),
    Case("llama", "stored in BF16, in several files", stored=torch.bfloat16, shard="10KB"),
    Case("llama", "stored in FP16", stored=torch.float16),
    Case("mistral", "window shorter than the text", {"sliding_window": 7}),
    Case("mistral", "no window, heads narrower", {"sliding_window": None, "head_dim": 4}),
    Case("qwen2", "biases, tied", {"tie_word_embeddings": True}),
    Case("qwen2", "windows from a layer on", {"use_sliding_window": True, "sliding_window": 7, "max_window_layers": 1}),
    Case("qwen2", "rope yarn, keys of transformers 4", _rope("yarn", factor=4.0, original_max_position_embeddings=16),
         change=_old_spelling),
    Case("qwen3", "norms on query and key, wide heads", {"head_dim": 16, "tie_word_embeddings": True}),
    Case("qwen3", "biases, windows in named layers", {"head_dim": 16, "attention_bias": True,
         "use_sliding_window": True, "sliding_window": 7,
         "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}),
    Case("gpt2", "tied"),
    Case("gpt2", "untied, exact GELU, own inner width", {"tie_word_embeddings": False, "activation_function": "gelu",
         "n_inner": 56}),
    Case("gpt2", "no prefix before names", body=GPT2Model),
    Case("bert", "with a pooler", body=BertModel),
    Case("bert", "prefix before names, a language head", body=BertForMaskedLM),
    Case("bert", "gamma and beta, tanh GELU", {"hidden_act": "gelu_new"}, change=_old_norm_names, body=BertModel),
)  # fmt: skip


def make(case: Case, folder: Path) -> Any:
    """Write the checkpoint with transformers; returns what it reads there, in FP32 and evaluation mode."""
    torch.manual_seed(0)
    config = AutoConfig.for_model(case.family, **{**SIZES[case.family], **case.keys})
    made = AutoModelForCausalLM.from_config(config) if case.body is None else case.body(config)
    with torch.no_grad():
        for name, parameter in made.named_parameters():  # far from what training starts with: nothing is 0 or 1
            norm = parameter.ndim == 1 and name.endswith("weight")
            parameter.copy_(torch.randn_like(parameter) * 0.2 + (1 if norm else 0))
    made = made.to(case.stored)
    made.save_pretrained(folder, max_shard_size=case.shard)
    if case.change is not None:
        case.change(folder)
    kind = case.body if case.family == "bert" else AutoModelForCausalLM
    return kind.from_pretrained(folder, dtype=torch.float32).eval()


def some_ids() -> Tensor:
    return torch.randint(VOCABULARY, (2, TIME), generator=torch.Generator().manual_seed(1))


def theirs(model: Any, ids: Tensor, present: Tensor | None = None) -> Tensor:
    """transformers' logits, or the hidden states of an encoder."""
    with torch.no_grad():
        if model.config.model_type == "bert":
            body = model if isinstance(model, BertModel) else model.bert
            return body(ids, attention_mask=present).last_hidden_state
        return model(ids).logits


def ours(model: Decoder | Encoder, ids: Tensor, present: Tensor | None = None) -> Tensor:
    with torch.no_grad():
        return model.logits(model(ids)) if isinstance(model, Decoder) else model(ids, present=present)


def in_pieces(model: Any, ids: Tensor) -> Tensor:
    """The logits of a chunked reading with a cache, then one token at a time; of our model or of transformers'."""
    pieces = ids.split([9, 6, *[1] * (ids.shape[1] - 15)], dim=1)
    with torch.no_grad():
        if isinstance(model, Decoder):
            cache = model.cache(len(ids), ids.shape[1])
            return model.logits(torch.cat([model(piece, cache=cache) for piece in pieces], dim=1))
        name = "cache" if "cache" in signature(model.forward).parameters else "past_key_values"  # before 5.24
        held = {name: DynamicCache(config=model.config), "use_cache": True}
        return torch.cat([model(piece, **held).logits for piece in pieces], dim=1)


def compare(case: Case, place: Path) -> Differences:
    """All three, through folders in ``place``."""
    reference = make(case, place / "theirs")
    ids = some_ids()
    wanted = theirs(reference, ids)
    model = load(place / "theirs", dtype=torch.float32)[0]
    found = ours(model, ids)
    save(place / "ours", load(place / "theirs")[0])
    again = read_back(place / "ours")
    between = None
    if isinstance(model, Decoder):
        # beyond its context, dynamic scaling turns cached keys as it did at their time: transformers is the reference
        between = largest(in_pieces(model, ids), in_pieces(reference, ids) if "dynamic" in case.corner else found)
    return Differences(largest(found, wanted), largest(theirs(again, ids), wanted), between)


def read_back(folder: Path) -> Any:
    """What transformers makes of a folder of ours, if every tensor found its place."""
    kind = AutoModel if AutoConfig.from_pretrained(folder).model_type == "bert" else AutoModelForCausalLM
    model, report = kind.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    lost = [*report["missing_keys"], *report["unexpected_keys"]]
    if any(not name.startswith("pooler.") for name in lost):
        raise RuntimeError(f"transformers does not find its way in what we wrote: {sorted(lost)}")
    return model.eval()


def released(place: Path) -> None:
    """The files of the real all-MiniLM-L6-v2."""
    for name, content in fetch(read_recipe(ROOT / "recipes" / "minilm-int8.toml").source).items():
        (place / name).write_bytes(content)


def minilm(place: Path) -> Differences:
    """The real all-MiniLM-L6-v2, on sentences of different lengths in one padded batch."""
    from tokenizers import Tokenizer

    released(place)
    tokenizer: Any = Tokenizer.from_file(str(place / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.enable_padding()
    encoded = tokenizer.encode_batch(list(SENTENCES))
    ids = torch.tensor([each.ids for each in encoded])
    present = torch.tensor([each.attention_mask for each in encoded]).bool()
    wanted = theirs(AutoModel.from_pretrained(place).eval(), ids, present)[present]
    model = load(place)[0]
    save(place / "ours", model)
    again = theirs(read_back(place / "ours"), ids, present)[present]
    return Differences(largest(ours(model, ids, present)[present], wanted), largest(again, wanted), None)


def shipped(place: Path) -> tuple[float, float]:
    """How far attention weights move by shipping INT8: the largest and the mean difference from the released."""
    released(place)
    model, moved = load(place)[0], list[Tensor]()
    bert = unquantised(SHIPPED / "model.onnx")
    for text in SENTENCES:
        ids = pieces(SHIPPED, text, 64).ids
        theirs_of = attention_maps(model, torch.tensor(ids))
        moved.append((torch.tensor(seen_in_numpy(bert, ids)) - theirs_of).abs().flatten())
    every = torch.cat(moved)
    return float(every.max()), float(every.mean())


def largest(found: Tensor, wanted: Tensor) -> float:
    return float((found - wanted).abs().max())


def main() -> None:
    torch.set_num_threads(1)
    found: dict[tuple[str, str], Differences | None] = {}
    for case in CASES:
        found[case.family, case.corner] = _unless_impossible(lambda place, case=case: compare(case, place))
    found["bert", "the real all-MiniLM-L6-v2"] = _unless_impossible(minilm)
    done = [each for each in found.values() if each is not None]
    figures = [
        Figure(f"largest difference, {name}", max(values), n=len(values), text=f"{max(values):.1e}")
        for name in ("read", "written", "cached")
        if (values := [value for each in done if (value := getattr(each, name)) is not None])
    ]
    if (apart := _unless_impossible(shipped)) is not None:
        words = ("attention moved by INT8, at most", "attention moved by INT8, on average")
        figures += [Figure(name, value, n=len(SENTENCES)) for name, value in zip(words, apart, strict=True)]
    table = Table(
        f"Largest difference from transformers {metadata.version('transformers')}, FP32",
        (Column("family"), Column("corner"), *(Column(name, "right") for name in ("read", "written", "cached"))),
        tuple((*names, *_shown(each)) for names, each in found.items()),
        note=(
            f"{TIME} tokens. Logits; hidden states for bert. Read: ours on its checkpoint. Written: its own, on the "
            "checkpoint as we wrote it again. Cached: ours in chunks and single tokens against ours in one pass; for "
            "dynamic scaling, which depends on the length so far, against its own in the same chunks."
        ),
    )
    versions = {name: metadata.version(name) for name in ("torch", "transformers", "safetensors")}
    publish(
        "parity_models", figures, {"parity": table}, data=[], code=[], versions=versions,
        note=f"Bound: {BOUND:g}. Random weights of deviation 0.2, so that logits are as large as a trained model's.",
    )  # fmt: skip


def _unless_impossible(compare_in: Callable[[Path], Found]) -> Found | None:
    """None, and the reason said, where a check cannot run here."""
    try:
        with tempfile.TemporaryDirectory() as place:
            return compare_in(Path(place))
    except (OpenbookError, ImportError, AttributeError, KeyError, OSError, RuntimeError, ValueError) as error:
        sys.stderr.write(f"missing: {error!r}\n")
        return None


def _shown(found: Differences | None) -> tuple[str, ...]:
    if found is None:
        return ("missing",) * 3
    each = (found.read, found.written, found.cached)
    return tuple("–" if value is None else f"{value:.1e}" if value else "0" for value in each)


if __name__ == "__main__":
    main()
