"""openbook: the generative-AI stack as one open book."""

__version__ = "0.1.0"
