"""One transformer, an encoder and a decoder from the same parts, read against their equations.

Configurations and checkpoint names need no torch; the models themselves are loaded when they are asked for.
"""

from typing import TYPE_CHECKING, Any

from openbook.model.config import DecoderConfig, EncoderConfig, RotaryScaling

if TYPE_CHECKING:
    from openbook.model.decoder import Decoder
    from openbook.model.encoder import Encoder

__all__ = ["Decoder", "DecoderConfig", "Encoder", "EncoderConfig", "RotaryScaling"]


def __getattr__(name: str) -> Any:
    """PEP 562: who reads a config.json, to quantise what lies beside it, does without torch."""
    if name == "Decoder":
        from openbook.model.decoder import Decoder

        return Decoder
    if name == "Encoder":
        from openbook.model.encoder import Encoder

        return Encoder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
