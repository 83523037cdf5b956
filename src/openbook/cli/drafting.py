"""Who drafts answers, by the string that ``--model`` takes, and who checks what was drafted."""

from dataclasses import replace

from openbook.answer.write import Drafting
from openbook.encode.support import open_support
from openbook.generate.grounded import MOST_SENTENCES, Grounded
from openbook.generate.local import LocalModel
from openbook.generate.open import open_model
from openbook.generate.writer import ModelWriter


def drafting_with(model: str) -> Drafting:
    """Opened before anything is indexed. Raises OpenbookError."""
    found = open_model(model)
    if not isinstance(found, LocalModel):
        return Drafting(ModelWriter(found), open_support())
    sentences = MOST_SENTENCES if isinstance(found.rendering, Grounded) else 0
    copying = replace(found, lookup=found.noise is not None)  # a draft repeats much of what it was shown
    return Drafting(ModelWriter(copying), open_support(), sentences)
