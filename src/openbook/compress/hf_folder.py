"""A decoder's checkpoint to a folder that transformers, vLLM and whatever reads Hugging Face's layout load as it is.

Weights and configuration are copied byte for byte once they are known to belong together and to be finite. What a
folder may lack is added: a generation_config.json, and a tokenizer_config.json that names the class which does what
tokenizer.json says: without it transformers 5 takes Qwen3's own, and with it another way of cutting texts.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from openbook.compress.checkpoint_weights import open_decoder
from openbook.compress.framing import Framing
from openbook.errors import OpenbookError
from openbook.model.config import DecoderConfig
from openbook.model.described import transformer_folder
from openbook.model.families.fields import read_fields
from openbook.model.folder_swap import replace_files
from openbook.model.weight_files import INDEX, WHOLE, shards
from openbook.tokens import Tokenizer
from openbook.values import Json

_BESIDE = ("chat_template.jinja", "special_tokens_map.json", "LICENSE")
_ANY_TOKENIZER = "PreTrainedTokenizerFast"
"""Of transformers, under this name in all its versions."""


def export_folder(
    source: Path, target: Path, tokenizer: Tokenizer, framing: Framing, at: Callable[[int, int], None]
) -> int:
    """Write ``target``, all of it or nothing; the bytes of its weights. at: told how many tensors were looked at.

    Raises OpenbookError, BadCheckpoint among them.
    """
    source = transformer_folder(source)
    with open_decoder(source) as (config, weights):
        if tokenizer.size > config.vocabulary:
            raise OpenbookError(
                f"{tokenizer.where} has {tokenizer.size:,} pieces and the model {config.vocabulary:,}: they do not "
                "belong together"
            )
        for number, name in enumerate(weights, start=1):
            _ = weights[name]  # raises for what is not finite
            at(number, len(weights))
    files = [WHOLE] if (source / WHOLE).exists() else [INDEX, *shards(source)]
    told = _tokenizer_config(source, tokenizer, framing, config)
    ends = _generation_config(source, framing)

    def write(partial: Path) -> None:
        for name in ("config.json", *files, *(name for name in _BESIDE if (source / name).is_file())):
            shutil.copyfile(source / name, partial / name)
        if (source / "tokenizer.json").is_file():
            shutil.copyfile(source / "tokenizer.json", partial / "tokenizer.json")
        else:
            tokenizer.save(partial / "tokenizer.json")
        for name, values in (("tokenizer_config.json", told), ("generation_config.json", ends)):
            (partial / name).write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    replace_files(target, write, last="config.json")
    return sum((target / name).stat().st_size for name in files)


def _tokenizer_config(source: Path, tokenizer: Tokenizer, framing: Framing, config: DecoderConfig) -> dict[str, Any]:
    """The folder's own, and what it does not say."""
    names = {tokenizer.id_of(piece): piece for piece in tokenizer.control}
    found: dict[str, Json] = {
        "tokenizer_class": _ANY_TOKENIZER,
        "model_max_length": config.context,
        "clean_up_tokenization_spaces": False,
    }
    ids = {"bos_token": framing.begin, "eos_token": next(iter(framing.ends), None), "pad_token": framing.padding}
    ids["unk_token"] = tokenizer.unknown
    found |= {name: names[number] for name, number in ids.items() if number in names}
    return {**found, **_own(source / "tokenizer_config.json")}


def _generation_config(source: Path, framing: Framing) -> dict[str, Any]:
    ends: Json = list(framing.ends) if len(framing.ends) > 1 else next(iter(framing.ends), None)
    ids: dict[str, Json] = {"bos_token_id": framing.begin, "eos_token_id": ends, "pad_token_id": framing.padding}
    return {name: value for name, value in ids.items() if value is not None} | dict(
        _own(source / "generation_config.json")
    )


def _own(path: Path) -> Mapping[str, Any]:
    return read_fields(path).values if path.is_file() else {}
