"""Where a base lies, by the name that recipes, adapters and commands give it. Without torch."""

import shutil
from pathlib import Path

from openbook.compress.unquantised_decoder import is_compressed
from openbook.generate.open import SHIPPED_WRITER

WRITER = "writer"
"""The shipped one, as ``--model writer`` means it; ./writer is a folder of that name."""

_BESIDE = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja",
    "generation_config.json", "vocab.txt",
)  # fmt: skip


def copy_beside(base: Path, target: Path) -> None:
    """What a model's folder has beside its weights: how texts become tokens, and how it is spoken to."""
    for name in _BESIDE:
        if (base / name).is_file():
            shutil.copyfile(base / name, target / name)


def base_folder(name: str) -> Path:
    """The folder that holds the model: the shipped writer's, or the one that is named."""
    return SHIPPED_WRITER if name == WRITER else Path(name).expanduser()


def base_name(folder: Path) -> str:
    """What ``base_folder`` finds the folder by, on any machine where that is the shipped writer's."""
    return WRITER if folder == SHIPPED_WRITER else str(folder)


def holds_model(folder: Path) -> bool:
    """Whether a model lies there that a run can start from."""
    return (folder / "config.json").is_file() or is_compressed(folder)
