"""Who drafts answers, by the string that ``--model`` takes, and who checks what was drafted."""

from openbook.answer.write import Drafting
from openbook.encode.support import open_support
from openbook.generate.grounded import MOST_SENTENCES, Grounded
from openbook.generate.local import LocalModel
from openbook.generate.open import open_model
from openbook.generate.writer import ModelWriter


def drafting_with(model: str) -> Drafting:
    """Opened before anything is indexed. Raises OpenbookError."""
    found = open_model(model)
    grounded = isinstance(found, LocalModel) and isinstance(found.rendering, Grounded)
    return Drafting(ModelWriter(found), open_support(), MOST_SENTENCES if grounded else 0)
