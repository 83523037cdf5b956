"""Text to token ids and back: byte-level BPE and WordPiece, trained, loaded, saved, stepped through and compared.

``bpe`` and ``wordpiece`` (on ``merges``) are the algorithms as one reads them; ``tokenizer`` is the fast path, on
the ``tokenizers`` library. ``tests/tokens`` holds both equal, ids and offsets.
"""

from openbook.tokens.encoding import Encoding
from openbook.tokens.load import load
from openbook.tokens.problems import TokenProblem
from openbook.tokens.tokenizer import Tokenizer
from openbook.tokens.train import train_bpe, train_wordpiece

__all__ = ["Encoding", "TokenProblem", "Tokenizer", "load", "train_bpe", "train_wordpiece"]
