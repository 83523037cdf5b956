"""The shipped encoder at work, without torch: texts in, unit vectors out."""

from openbook.encode.sentence import SentenceEncoder, open_encoder

__all__ = ["SentenceEncoder", "open_encoder"]
