"""What a run from a base leaves: the adapter in PEFT's format, or the whole model with the base's tokenizer."""

from collections.abc import Callable
from pathlib import Path

from openbook.model import Decoder
from openbook.model import checkpoint as model_folder
from openbook.train import peft_format
from openbook.train.base_folder import base_name, copy_beside
from openbook.train.folder import RunFolder
from openbook.train.whole import whole_folder


def write_learnt(
    folder: RunFolder,
    model: Decoder,
    base: Path,
    *,
    adapted: bool,
    beside: Callable[[Path], None] = lambda _: None,
) -> Path:
    """Whole or not at all. adapted: whether an adapter learnt. beside: writes what else belongs into the folder."""
    target = folder.path / "adapter" if adapted else folder.model
    with whole_folder(target) as scratch:
        if adapted:
            peft_format.save(scratch, model, base=base_name(base))
        else:
            model_folder.save(scratch, model)
            copy_beside(base, scratch)
        beside(scratch)
    return target
