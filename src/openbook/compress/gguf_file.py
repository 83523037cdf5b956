"""A decoder's checkpoint to one GGUF file, which llama.cpp, Ollama and what is built on them run. Without torch."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openbook.compress.checkpoint_weights import open_decoder
from openbook.compress.framing import Framing
from openbook.compress.gguf_format import KIND_NUMBER, Kind, string, uint32, write_gguf
from openbook.compress.gguf_model import reach, settings_of, tensors_of
from openbook.compress.gguf_tokenizer import tokenizer_settings
from openbook.tokens import Tokenizer

_FILE_TYPE: dict[Kind, int] = {"f32": 0, "f16": 1, "q8_0": 7}
"""llama.cpp's number for what most of a file is stored in."""

_QUANTISATION_VERSION = 2


@dataclass(frozen=True, slots=True)
class GgufFile:
    """What was written. reach: the context that the file names, which a window may have made shorter."""

    bytes: int
    tensors: int
    context: int
    reach: int


def export_gguf(
    source: Path, target: Path, kind: Kind, tokenizer: Tokenizer, framing: Framing, at: Callable[[int, int], None]
) -> GgufFile:
    """Write ``target``, all of it or nothing. at: told how many tensors of how many are written.

    Raises OpenbookError, BadCheckpoint among them, for what GGUF or llama.cpp cannot say.
    """
    with open_decoder(source) as (config, weights):
        metadata = settings_of(config)
        metadata["general.type"] = string("model")
        metadata["general.name"] = string(target.stem)
        metadata["general.file_type"] = uint32(_FILE_TYPE[kind])
        if KIND_NUMBER[kind] > 1:
            metadata["general.quantization_version"] = uint32(_QUANTISATION_VERSION)
        metadata |= tokenizer_settings(tokenizer, config.vocabulary, framing)
        tensors = tensors_of(config, weights, kind)
        size = write_gguf(target, metadata, tensors, lambda done: at(done, len(tensors)))
        return GgufFile(size, len(tensors), config.context, reach(config))
