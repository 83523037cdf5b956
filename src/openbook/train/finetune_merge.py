"""A base folder and an adapter folder into one model folder, which needs neither adapter nor PEFT any more."""

import shutil
from collections.abc import Collection
from pathlib import Path

from openbook.model import checkpoint as model_folder
from openbook.model.compressed import load_any
from openbook.train import lora, peft_format
from openbook.train.base_folder import copy_beside
from openbook.train.problems import TrainProblem
from openbook.train.whole import whole_folder


def merge_folders(base: Path, adapter: Path, out: Path, carried: Collection[str] = ()) -> int:
    """Write the merged model, in the base's precision, with the base's tokenizer. Returns how many layers changed.

    A base that was compressed is merged into in FP32. carried: files of the adapter's folder that go with it where
    they are there, as a reward model's head.
    Raises BadLora, BadCheckpoint or TrainProblem; ``out`` must not exist yet.
    """
    if out.exists():
        raise TrainProblem(f"{out} is there already: name a new folder for the merged model")
    model = load_any(base)
    peft_format.load(adapter, model)
    changed = len(lora.layers_of(model))
    lora.merge(model, keep=False)
    with whole_folder(out) as scratch:
        model_folder.save(scratch, model)
        copy_beside(base, scratch)
        for name in carried:
            if (adapter / name).is_file():
                shutil.copyfile(adapter / name, scratch / name)
    return changed
