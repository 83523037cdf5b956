"""A language model as the writer of drafts: the likeliest token each time, and no more text than is looked at."""

from dataclasses import dataclass

from openbook.errors import PromptTooLong
from openbook.generate.local import LocalModel
from openbook.generate.text import written
from openbook.protocols import LanguageModel
from openbook.values import Decoding, Prompt

_DRAFT = Decoding(max_tokens=600)
"""A few sentences; what lies beyond is cut, and a sentence that is cut is backed by nothing."""

LEAST_ROOM = 150
"""Tokens that the context must have left for a draft, some sentences of it; a quarter of the context where it is small.
A server sees to that itself.
"""


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
        """Raises PromptTooLong where the context would be full before a draft is written."""
        if isinstance(self.model, LocalModel):
            read, context = len(self.model.fit(prompt, self.decoding).ids), self.model.context
            room = min(LEAST_ROOM, context // 4)
            if read + room > context:
                raise PromptTooLong(
                    f"the prompt has {read:,} tokens and leaves less than {room:,} of the model's context of "
                    f"{context:,} for a draft: shorten it"
                )
        return written(self.model, prompt, self.decoding)
