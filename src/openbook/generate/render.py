"""A prompt's parts as the token ids that a local model reads: by its chat template, or as plain text."""

from dataclasses import dataclass
from typing import Any, cast

from openbook.generate.chat import messages_of, transcript
from openbook.generate.template import Template, written
from openbook.tokens import Tokenizer
from openbook.values import Prompt


@dataclass(frozen=True, slots=True)
class Rendering:
    """How one model is spoken to. opening: the text of the control tokens that its tokenizer sets before a text."""

    tokenizer: Tokenizer
    template: Template | None
    opening: str

    def __call__(self, prompt: Prompt) -> list[int]:
        """Words of a part are ordinary text whatever they spell. Raises OpenbookError, in one line."""
        if self.template is None:
            parts = ((self.opening, True), (transcript(prompt), False))
        else:
            parts = written(self.template, messages_of(prompt))
        return self.tokenizer.ids_of_parts(parts)


def opening_of(tokenizer: Tokenizer) -> str:
    """What stands before a text in the file's own template, as Llama's <s>; empty where it has none."""
    found: object = tokenizer.definition.get("post_processor")
    pending = [found]
    while pending:
        processor = pending.pop()
        if not isinstance(processor, dict):
            continue
        fields = cast("dict[str, Any]", processor)
        if fields.get("type") == "TemplateProcessing":
            return "".join(_before_text(fields.get("single")))
        pending += fields.get("processors") or []
    return ""


def _before_text(single: object) -> list[str]:
    names: list[str] = []
    for item in cast("list[object]", single) if isinstance(single, list) else []:
        special = cast("dict[str, Any]", item).get("SpecialToken") if isinstance(item, dict) else None
        if not isinstance(special, dict):
            break
        names.append(str(cast("dict[str, Any]", special).get("id", "")))
    return names
