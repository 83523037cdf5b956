"""A term of a plan becomes a value, under the label of all that it was made of."""

from collections.abc import Mapping

from openbook.agent.bounded import Bounds, bounded
from openbook.agent.plan import Filled, Given, Item, Result, Term
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled, as_text, filled, selected
from openbook.values import Json

MOST_FILLED = 2_000_000
"""Characters that a template may become."""


class NotThere(OpenbookError):
    """A term names a step that gave nothing. step: its id."""

    def __init__(self, step: str) -> None:
        super().__init__(f"step {step} gave nothing")
        self.step = step


class NothingFound(OpenbookError):
    """A term names a step that looked and found nothing: what it says instead is for a person. step: its id."""

    def __init__(self, step: str) -> None:
        super().__init__(f"step {step} found nothing")
        self.step = step


def found_nothing(result: Json) -> bool:
    """Whether a result is an abstention: a question's answer in the form of ``tools.documents``, with no quote."""
    return isinstance(result, Mapping) and result.get("found") is False and result.get("quotes") == []


def resolved(term: Term, results: Mapping[str, Labelled[Json]], item: Labelled[Json] | None = None) -> Labelled[Json]:
    """Raises NotThere, and OpenbookError for a part that is not there or a template that cannot be filled."""
    match term:
        case Given(value):
            return Labelled(bounded(value, Bounds()).value)
        case Result(step, path):
            if step not in results:
                raise NotThere(step)
            return selected(results[step], path)
        case Item(path):
            if item is None:
                raise OpenbookError("an item is named outside of a step with `each`: give the step a list")
            return selected(item, path)
        case Filled(template, fields):
            return text_of(template, {name: resolved(field, results, item) for name, field in fields.items()})


def text_of(template: str, fields: Mapping[str, Labelled[Json]]) -> Labelled[Json]:
    """``filled``, held to a size."""
    texts = {name: Labelled(as_text(field.value), field.label) for name, field in fields.items()}
    size = len(template) + sum(template.count(f"{{{name}}}") * len(text.value) for name, text in texts.items())
    if size > MOST_FILLED:
        raise OpenbookError(f"a text of {size:,} characters is more than {MOST_FILLED:,}: take a part of it")
    return filled(template, texts)
