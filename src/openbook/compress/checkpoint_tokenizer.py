"""The tokenizer beside a checkpoint, which has to be there and to belong to it."""

from pathlib import Path

from openbook.errors import OpenbookError
from openbook.tokens import Tokenizer, load


def check_tokenizer(source: Path, vocabulary: int) -> Tokenizer:
    """The tokenizer.json beside a checkpoint. Raises OpenbookError where it is missing or of a larger vocabulary."""
    path = source / "tokenizer.json"
    if not path.is_file():
        raise OpenbookError(
            f"{source} has no tokenizer.json, which the model cannot be used without: put it there, transformers' "
            "AutoTokenizer can save one"
        )
    found = load(path)
    if found.size > vocabulary:
        raise OpenbookError(
            f"{path} has {found.size:,} tokens and the model {vocabulary:,}: they do not belong together, get the "
            "model's own"
        )
    return found
