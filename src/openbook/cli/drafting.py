"""Who drafts answers, by the string that ``--model`` takes, and who checks what was drafted."""

from openbook.answer.write import Drafting
from openbook.encode.support import open_support
from openbook.generate.open import open_model
from openbook.generate.writer import ModelWriter


def drafting_with(model: str) -> Drafting:
    """Opened before anything is indexed. Raises OpenbookError."""
    return Drafting(ModelWriter(open_model(model)), open_support())
