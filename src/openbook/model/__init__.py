"""One transformer, an encoder and a decoder from the same parts, read against their equations."""

from openbook.model.config import DecoderConfig, EncoderConfig, RotaryScaling
from openbook.model.decoder import Decoder
from openbook.model.encoder import Encoder

__all__ = ["Decoder", "DecoderConfig", "Encoder", "EncoderConfig", "RotaryScaling"]
