"""How ``openbook see attention`` shows what it saw: as a page, a picture, tables, or plain numbers."""

from openbook.report.heatmap import heatmap
from openbook.report.heatmap_grid import heatmap_grid
from openbook.report.page import Section, page
from openbook.report.svg import Svg
from openbook.report.tables import Column, Table
from openbook.see.habits import habits, strongest_ties
from openbook.see.look import Seen
from openbook.values import Json

_READING = (
    "Each square is one head of one layer; click one to see it large. Within it each row is a token that looks, each "
    "column one that it looks at, and a row adds up to 1."
)
_CAUTION = (
    "A weight says where a head takes from. It does not say why the model decides as it does: weights that differ much "
    "can lead to the same answer (Jain and Wallace 2019)."
)


def picture_of(seen: Seen, title: str = "") -> Svg:
    """All heads as a grid with one of them large: that of the strongest tie between two words."""
    title, labels, values = title or f"Attention: {seen.text}", seen.pieces.labels, seen.maps.tolist()
    down, across = [f"layer {number}" for number in seen.layers], [f"head {number}" for number in seen.heads]
    if len(down) == len(across) == 1:
        return heatmap(f"{title} ({down[0]}, {across[0]})", labels, labels, values[0][0])
    ties = strongest_ties(seen.maps, seen.pieces, 1)
    return heatmap_grid(title, down, across, labels, values, (ties[0].layer, ties[0].head) if ties else (0, 0))


def page_of(seen: Seen) -> str:
    """One HTML file: the model, the picture, and what stands out in numbers."""
    lead = [
        seen.model,
        *([_READING] if seen.maps.shape[0] * seen.maps.shape[1] > 1 else []),
        picture_of(seen, "Where it looks"),
    ]
    return page(
        f"Attention: {seen.text}", [Section("", lead), Section("What stands out", [*tables_of(seen), _CAUTION])]
    )


def tables_of(seen: Seen) -> list[Table]:
    """The ties between words, and the heads with the plainest habits."""
    labels = seen.pieces.labels
    numbers = (Column("layer", "right"), Column("head", "right"))
    ties = [
        (
            labels[tie.row],
            labels[tie.column],
            str(seen.layers[tie.layer]),
            str(seen.heads[tie.head]),
            f"{tie.weight:.2f}",
        )
        for tie in strongest_ties(seen.maps, seen.pieces)
    ]
    plain = [
        (habit.name, str(seen.layers[habit.layer]), str(seen.heads[habit.head]), f"{habit.share:.2f}")
        for habit in habits(seen.maps, seen.pieces)
    ]
    return [
        Table(
            "Strongest ties between words",
            (Column("from"), Column("to"), *numbers, Column("weight", "right")),
            tuple(ties),
        ),
        Table(
            "Heads that look most at",
            (Column("what"), *numbers, Column("mean weight", "right")),
            tuple(plain),
            note="Mean over all tokens that can look there.",
        ),
    ]


def weights_of(seen: Seen) -> Json:
    """Everything, for machines: weights[layer][head][row][column]."""
    return {
        "text": seen.text,
        "model": seen.model,
        "tokens": list(seen.pieces.labels),
        "ids": seen.pieces.ids.tolist(),
        "layers": list(seen.layers),
        "heads": list(seen.heads),
        "weights": [[[[round(w, 6) for w in row] for row in one] for one in each] for each in seen.maps.tolist()],
    }
