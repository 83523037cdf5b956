"""What the person is told at the end: the plan's answer, with a word where a part of it could not be had."""

from collections.abc import Mapping

from openbook.agent.events import LeftOut
from openbook.agent.plan import Filled, Term
from openbook.agent.terms import NotThere, resolved, text_of
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled, joined
from openbook.values import TRUSTED, Json


def written(term: Term, results: Mapping[str, Labelled[Json]], left_out: Mapping[str, LeftOut]) -> Labelled[Json]:
    """A template is filled all the same: ``(left out: …)`` stands for what is not there."""
    try:
        if isinstance(term, Filled):
            fields = {name: written(field, results, left_out) for name, field in term.fields.items()}
            return text_of(term.template, fields)
        return resolved(term, results)
    except NotThere as error:
        left = left_out.get(error.step)
        said = left.reason.value if left else str(error)
        return Labelled(f"(left out: {said})", left.reason.label if left else TRUSTED)
    except OpenbookError as error:
        return Labelled(f"(left out: {error})", joined([result.label for result in results.values()]))
