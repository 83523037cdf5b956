"""The outcome as tables: accuracy by length, edges and middle, and orders side by side."""

from openbook.evaluate.position.shape import EDGE, MIDDLE
from openbook.evaluate.position.tables import compared_table
from openbook.labs.crossed import Spread
from openbook.labs.lost_in_the_middle.outcome import Model, Outcome
from openbook.report.tables import Column, Table


def tables(outcome: Outcome) -> dict[str, Table]:
    """By a short name: length, shape, longer, and for each model that loses its middle the orders."""
    found = {
        "length": _length(outcome),
        "shape": _shape(outcome, outcome.trained),
        "longer": _shape(outcome, outcome.lengths[-1]),
    }
    lost = losing(outcome)
    note = "The pair asked for is ranked first in half of the contexts, second in a quarter, and so on."
    for model in lost or list(outcome.right)[-1:]:
        title = f"Orders of the same pairs: {model.shown}"
        found[f"orders, {model.shown}"] = compared_table(title, outcome.compared(model), note)
    return found


def losing(outcome: Outcome) -> list[Model]:
    """The models whose curve over contexts of the trained length is a U."""
    return [m for m in outcome.right if (s := outcome.shape(m, outcome.trained)) is not None and s.verdict == "U"]


def _length(outcome: Outcome) -> Table:
    rows = tuple(
        (model.shown, *(interval(outcome.accuracy(model, pairs)) for pairs in outcome.lengths))
        for model in outcome.right
    )
    names = (Column("trained"), *(Column(f"{pairs} pairs", "right") for pairs in outcome.lengths))
    told = (
        f"Share right over all places; trained on at most {outcome.trained} pairs. Models of each: {outcome.seeds}; "
        f"{outcome.questions} questions at every place; 95% crossed bootstrap over both."
    )
    return Table("Accuracy by length of the context", names, rows, told)


def _shape(outcome: Outcome, pairs: int) -> Table:
    rows: list[tuple[str, ...]] = []
    for model in outcome.right:
        found = outcome.shape(model, pairs)
        parts = [(0.0, EDGE), MIDDLE, (1 - EDGE, 1.0)]
        shares = [interval(outcome.part(model, pairs, *part)) for part in parts]
        rows.append((model.shown, *shares, "–" if found is None else found.verdict))
    names = ("beginning", "middle", "end", "shape")
    told = "Shape: what paired randomisation within questions shows at 5%, Holm over four contrasts; of these models."
    title = f"Beginning, middle and end of {pairs} pairs"
    return Table(title, (Column("trained"), *(Column(name, "right") for name in names)), tuple(rows), told)


def interval(spread: Spread) -> str:
    low, high = (f"{bound:.2f}".removeprefix("0") for bound in spread.interval())
    return f"{spread.value:.2f} ({low}–{high})"
