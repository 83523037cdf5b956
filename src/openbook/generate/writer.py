"""A language model as the writer of drafts: the likeliest token each time, and no more text than is looked at."""

from dataclasses import dataclass

from openbook.generate.text import written
from openbook.protocols import LanguageModel
from openbook.values import Decoding, Prompt

_DRAFT = Decoding(max_tokens=600)
"""A few sentences; what lies beyond is cut, and a sentence that is cut is backed by nothing."""


@dataclass(frozen=True, slots=True)
class ModelWriter:
    """A ``Writer``."""

    model: LanguageModel
    decoding: Decoding = _DRAFT

    @property
    def name(self) -> str:
        """The model and what decides its words."""
        return f"{self.model.name}, temperature {self.decoding.temperature:g}, {self.decoding.max_tokens} tokens"

    def __call__(self, prompt: Prompt) -> str:
        return written(self.model, prompt, self.decoding)
