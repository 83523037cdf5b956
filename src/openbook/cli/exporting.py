"""What ``openbook export`` does: look at the model, its tokenizer and the place, then write it for another program."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from openbook import tokens
from openbook.cli.new_folder import refuse_far
from openbook.cli.progress import counted
from openbook.compress.checkpoint_weights import open_decoder
from openbook.compress.framing import Framing
from openbook.compress.word_cuts import cut_of
from openbook.errors import MissingExtra, OpenbookError
from openbook.generate.local import ends_of
from openbook.generate.render import opening_of
from openbook.generate.template import stated_template
from openbook.model.config import DecoderConfig
from openbook.tokens import Tokenizer

_NAMED_ENDS = 3
"""Ids that end a text which a GGUF file has names for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """dtype: of a GGUF file's weights."""

    model: Path
    target: Path
    to: Literal["gguf", "hf"]
    dtype: Literal["f32", "f16", "q8_0"] = "f16"


@dataclass(frozen=True, slots=True)
class Exported:
    """weights: what they are stored in. notes: where the other program does otherwise than openbook, a line each."""

    weights: str
    bytes: int
    tensors: int
    notes: tuple[str, ...]


def exported(asked: Asked, *, quiet: bool) -> Exported:
    """Raises OpenbookError; then nothing is written."""
    if find_spec("safetensors") is None:
        raise MissingExtra("exporting a model", "compress")
    _refuse_place(asked)
    if (asked.model / "adapter_config.json").is_file() and not (asked.model / "config.json").is_file():
        raise OpenbookError(f"{asked.model} is a LoRA adapter: merge it into its base first, with openbook lora merge")
    with open_decoder(asked.model) as (config, weights):
        tensors = len(weights)
    tokenizer = tokens.load(asked.model)
    framing = framing_of(asked.model, config, tokenizer)
    with counted("exporting", quiet=quiet) as at:
        if asked.to == "hf":
            from openbook.compress.hf_folder import export_folder

            size = export_folder(asked.model, asked.target, tokenizer, framing, at)
            return Exported("as stored", size, tensors, _notes_hf(config, tokenizer))
        from openbook.compress.gguf_file import export_gguf

        made = export_gguf(asked.model, asked.target, asked.dtype, tokenizer, framing, at)
    notes = _notes_gguf(config, made.reach, tokenizer, framing)
    return Exported(asked.dtype.upper(), made.bytes, made.tensors, notes)


def framing_of(folder: Path, config: DecoderConfig, tokenizer: Tokenizer) -> Framing:
    """What openbook's own engines go by. Raises OpenbookError."""
    opening = tokenizer.encode(opening_of(tokenizer), special=True).ids
    ends = ends_of(folder, config.ends, config.vocabulary, tokenizer)
    ordered = (*dict.fromkeys(config.ends), *sorted(ends - set(config.ends)))
    template = stated_template(folder)
    begin = opening[0] if opening else config.begin
    return Framing(opening, begin, ordered, config.padding, template.source if template else "")


def _notes_gguf(config: DecoderConfig, reach: int, tokenizer: Tokenizer, framing: Framing) -> tuple[str, ...]:
    found: list[str] = []
    if reach < config.context:
        found.append(
            f"llama.cpp has no sliding window for this model: the file names a context of {reach:,} tokens, not"
            f" {config.context:,}, up to which the window shuts nothing out"
        )
    if tokenizer.definition.get("normalizer"):
        found.append("llama.cpp does not compose letters and accents (NFC): texts that part them are read otherwise")
    if tokenizer.kind == "WordLevel":
        found.append("llama.cpp leaves out characters that are not in the vocabulary")
    if len(framing.ends) > _NAMED_ENDS:
        found.append(f"of {len(framing.ends)} tokens that end a text the file names {_NAMED_ENDS}")
    if not framing.ends:
        found.append("the model has no token that ends a text: say how many tokens to write")
    return tuple(found)


def _notes_hf(config: DecoderConfig, tokenizer: Tokenizer) -> tuple[str, ...]:
    if config.family != "qwen2" or cut_of(tokenizer.definition.get("pre_tokenizer")) == "qwen2":
        return ()
    note = "AutoTokenizer of transformers 5 cuts the texts of a qwen2 model by Qwen's pattern, which is not this one's"
    return (f"{note}: load the tokenizer with PreTrainedTokenizerFast",)


def _refuse_place(asked: Asked) -> None:
    """Nothing that is there gives way but an empty folder."""
    what = "the file" if asked.to == "gguf" else "the model"
    refuse_far(asked.target, what)
    if asked.to == "gguf" and asked.target.suffix.lower() != ".gguf":
        raise OpenbookError(f"{asked.target} is no name for a GGUF file: give a FILE.gguf")
    if asked.to == "gguf" and not asked.target.absolute().parent.is_dir():
        raise OpenbookError(f"there is no folder {asked.target.parent} for the file: make it first, or name another")
    empty = asked.to == "hf" and asked.target.is_dir() and not any(asked.target.iterdir())
    if (asked.target.exists() or asked.target.is_symlink()) and not empty:
        raise OpenbookError(f"{asked.target} is there already: name another place, or remove it first")
