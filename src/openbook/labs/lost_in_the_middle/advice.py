"""What follows from the figures, in sentences, and nothing else."""

from openbook.labs.lost_in_the_middle.outcome import Model, Outcome
from openbook.labs.lost_in_the_middle.tables import interval

LEARNT = 0.9
"""The share right, over the edges that every regime trains, from which a model is said to have learnt the task."""


def advice(outcome: Outcome) -> list[str]:
    """A sentence for each model on contexts as trained, then what longer contexts do, then which order helps."""
    said: list[str] = []
    for model in outcome.right:
        said += [_as_trained(outcome, model), _longer(outcome, model)]
    said += [_order(outcome, model) for model in outcome.right]
    return [line[0].upper() + line[1:] for line in said if line]


def _as_trained(outcome: Outcome, model: Model) -> str:
    pairs = outcome.trained
    edges = min(outcome.part(model, pairs, 0.0, 0.1).value, outcome.part(model, pairs, 0.9, 1.0).value)
    middle = outcome.part(model, pairs, 0.25, 0.75)
    found = outcome.shape(model, pairs)
    if edges < LEARNT:
        return f"{model.shown}: not learnt in these steps ({edges:.2f} right at the weaker edge), so nothing follows."
    what = found.sentence if found is not None else "its shape cannot be tested"
    if found is not None and found.verdict in ("rising", "falling"):
        what += f", by {abs(found.contrasts[-1].difference):.3f} from end to end"
    return f"{model.shown}: at {pairs} pairs, {what} (middle {interval(middle)}, weaker edge {edges:.2f})."


def _longer(outcome: Outcome, model: Model) -> str:
    pairs = outcome.lengths[-1]
    if not _learnt(outcome, model):
        return ""
    first, last = (outcome.part(model, pairs, *part).value for part in ((0.0, 0.1), (0.9, 1.0)))
    whole = outcome.accuracy(model, pairs)
    told = f"{model.shown}: at {pairs} pairs, longer than trained on, {interval(whole)} of all places"
    return f"{told}; beginning {first:.2f}, end {last:.2f}."


def _order(outcome: Outcome, model: Model) -> str:
    found = outcome.shape(model, outcome.trained)
    if found is None or found.verdict != "U" or not _learnt(outcome, model):
        return ""
    plain, *others = outcome.compared(model)
    shown = [one for one in others if one.p is not None and one.p <= 0.05 and (one.difference or 0) > 0]
    if not shown:
        return f"{model.shown}: no order of the same pairs is shown to help."
    listed = ", ".join(f"{one.name} {one.right.value:.2f}" for one in sorted(shown, key=lambda o: -o.right.value))
    return f"{model.shown}: from {plain.right.value:.2f} {plain.name}, orders that help: {listed}."


def _learnt(outcome: Outcome, model: Model) -> bool:
    parts = ((0.0, 0.1), (0.9, 1.0))
    return min(outcome.part(model, outcome.trained, *part).value for part in parts) >= LEARNT
