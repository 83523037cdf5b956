"""A compressed decoder as one that can be trained, and any folder of a model by what lies in it.

So the shipped writer is a pretrained decoder on any machine, without a download. Its weights are those of the INT8
file, back in floats: near those that were trained, not equal to them.
"""

from pathlib import Path

import torch

from openbook.compress.unquantised_decoder import is_compressed, unquantised_decoder
from openbook.model import checkpoint
from openbook.model.decoder import Decoder
from openbook.model.encoder import Encoder


def load_any(folder: Path | str, *, dtype: torch.dtype | None = None) -> Decoder | Encoder:
    """The model in a checkpoint's folder, or the decoder in one that ``openbook compress`` wrote; in evaluation mode.

    dtype: of the weights; by default a checkpoint's own, and FP32 of what was compressed. Raises OpenbookError.
    """
    folder = Path(folder)
    if (folder / "config.json").is_file() or not is_compressed(folder):
        return checkpoint.load(folder, dtype=dtype)[0]
    return load_compressed(folder, dtype=dtype or torch.float32)


def load_compressed(folder: Path, *, dtype: torch.dtype = torch.float32) -> Decoder:
    """The decoder in a folder that ``openbook compress`` wrote. Raises OpenbookError for another."""
    config, weights = unquantised_decoder(folder)
    with torch.device("meta"):
        model = Decoder(config)
    state = {name: torch.tensor(array, dtype=dtype) for name, array in weights.items()}
    if config.tied:
        state["unembedding.weight"] = state["embedding.weight"]
    model.load_state_dict(state, assign=True)
    if config.tied:
        model.unembedding.weight = model.embedding.weight
    return model.eval()
