"""What a path holds that somebody wants compressed, or one line that says what it is instead and what to give."""

from pathlib import Path
from typing import Literal, TypeAlias

from openbook.manifests import MANIFEST
from openbook.model.config import BadCheckpoint
from openbook.model.described import transformer_folder
from openbook.model.families.fields import read_fields

Kind: TypeAlias = Literal["decoder", "encoder"]

DECODERS, ENCODERS = ("llama", "mistral", "qwen2", "qwen3"), ("bert",)
"""config.json's model_type of what can be compressed."""

_CHECKPOINT = "the folder of a checkpoint, with config.json and model.safetensors"
_GGUF = b"GGUF"


def kind_of(path: Path) -> Kind:
    """By config.json's model_type. Raises BadCheckpoint for whatever is no checkpoint, or none that is known."""
    try:
        _refuse_others(path)
    except OSError as error:
        raise BadCheckpoint(f"{path} cannot be read ({error.strerror or error}): give {_CHECKPOINT}") from error
    said = read_fields(transformer_folder(path) / "config.json")
    named: object = said.values.get("model_type")
    if named in DECODERS:
        return "decoder"
    if named in ENCODERS:
        return "encoder"
    if named == "gpt2":
        raise BadCheckpoint(
            f"a model of the shape of gpt2 cannot be compressed yet: use it as torch:{path}, or give a Llama, Mistral "
            "or Qwen"
        )
    shown = f"is a {named}" if isinstance(named, str) and named[:40].isprintable() else "names no model_type"
    raise BadCheckpoint(
        f"{said.where} {shown[:50]}, which openbook compress does not know: give one of "
        f"{', '.join(sorted((*DECODERS, *ENCODERS)))}"
    )


def _refuse_others(path: Path) -> None:
    if not path.exists():
        raise BadCheckpoint(f"there is no folder {path}: check the spelling")
    if path.is_file():
        what = "a GGUF file, which is compressed already" if _starts_with_gguf(path) else "a file"
        raise BadCheckpoint(f"{path} is {what}: give {_CHECKPOINT}")
    if (path / MANIFEST).exists():
        raise BadCheckpoint(f"{path} is compressed already: give the checkpoint that it was made from")
    if (path / "config.json").exists() or (path / "modules.json").exists():
        return
    if (path / "adapter_config.json").exists():
        raise BadCheckpoint(f"{path} is a LoRA adapter: merge it first, openbook lora merge BASE {path} MERGED")
    if next(path.glob("*.gguf"), None):
        raise BadCheckpoint(f"{path} holds GGUF files, which are compressed already: give {_CHECKPOINT}")
    if (path / "model").is_dir():
        raise BadCheckpoint(f"{path} has no config.json: give the model in it, {path / 'model'}")
    raise BadCheckpoint(f"{path} has no config.json: give {_CHECKPOINT}")


def _starts_with_gguf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_GGUF)) == _GGUF
