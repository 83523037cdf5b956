"""A decoder checkpoint at work on torch, with all keys and values kept.

Any folder that ``openbook.model.load`` reads, with its tokenizer, whether it was trained here or elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from openbook import tokens
from openbook.errors import OpenbookError
from openbook.generate.engine import ScoreRows
from openbook.generate.folder_digest import folder_digest
from openbook.generate.local import LocalModel, ends_of
from openbook.generate.render import Rendering, opening_of
from openbook.generate.sampling import Scores
from openbook.generate.template import find_template
from openbook.model import Decoder
from openbook.model.cache import Cache
from openbook.model.checkpoint import load
from openbook.model.inputs import check_vocabulary

_PREFILL = 1_024
"""Tokens of a prompt that are read in one pass: memory for the feed-forward layers does not grow with the prompt."""


def open_torch(folder: Path, device: str | None = None) -> LocalModel:
    """The model of a folder, on a GPU where torch sees one. Raises OpenbookError where that is no decoder."""
    model, _ = load(folder)
    if not isinstance(model, Decoder):
        raise OpenbookError(f"{folder} holds an encoder, which writes nothing: give the folder of a decoder")
    tokenizer = tokens.load(folder)
    check_vocabulary(model.config, tokenizer.size)
    rendering = Rendering(tokenizer, find_template(folder), opening_of(tokenizer))
    name = f"torch:{folder.resolve().name}@{folder_digest(folder)[:16]}"
    ends = ends_of(folder, model.config.ends, model.config.vocabulary, tokenizer)
    return local_model(name, model.to(device or ("cuda" if torch.cuda.is_available() else "cpu")), rendering, ends)


def local_model(name: str, decoder: Decoder, rendering: Rendering, ends: frozenset[int]) -> LocalModel:
    """A decoder in memory as a language model."""

    def begin(ids: list[int], room: int) -> tuple[TorchText, Scores]:
        text = TorchText(decoder, decoder.cache(1, room))
        return text, text.feed(ids)[0]

    config = decoder.config
    weight = decoder.embedding.weight
    noise = _NOISE if weight.device.type == "cpu" and weight.dtype == torch.float32 else None
    return LocalModel(name, config.context, config.vocabulary, begin, rendering.tokenizer, rendering, ends, noise=noise)


_NOISE = 1e-4
"""Seen in FP32 between passes of one and of many tokens were some 1e-6 standard deviations of a place's logits."""


@dataclass(frozen=True, slots=True)
class TorchText:
    """One text, with its keys and values."""

    decoder: Decoder
    cache: Cache

    @torch.inference_mode()
    def feed(self, ids: Sequence[int], wanted: int = 1) -> ScoreRows:
        """Logits of what follows each of the last ``wanted`` ids, of one pass: (wanted, vocabulary)."""
        device = self.decoder.embedding.weight.device
        hidden = torch.empty(0)
        for start in range(0, len(ids), _PREFILL):
            hidden = self.decoder(torch.tensor([ids[start : start + _PREFILL]], device=device), cache=self.cache)
        return self.decoder.logits(hidden[0, -wanted:]).double().cpu().numpy()

    def forget(self, used: int) -> None:
        self.cache.used = min(self.cache.used, used)
