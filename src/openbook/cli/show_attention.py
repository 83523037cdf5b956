"""What ``openbook see attention`` looks at, and how it is shown: as a page, a picture, tables, or plain numbers."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from openbook.encode.attention import Maps, attention_maps
from openbook.encode.folder import SHIPPED, open_folder
from openbook.encode.habits import habits, strongest_ties
from openbook.encode.pieces import Pieces, pieces
from openbook.errors import MissingExtra, OpenbookError
from openbook.report.heatmap import heatmap
from openbook.report.heatmap_grid import heatmap_grid
from openbook.report.page import Section, page
from openbook.report.svg import Svg
from openbook.report.tables import Column, Table
from openbook.values import Json

MOST_TOKENS = 64

_READING = (
    "Each square is one head of one layer; click one to see it large. Within it each row is a token that looks, each "
    "column one that it looks at, and a row adds up to 1."
)
_CAUTION = (
    "A weight says where a head takes from. It does not say why the model decides as it does: weights that differ much "
    "can lead to the same answer (Jain and Wallace 2019)."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """model: which one it is, in words. maps: (layers, heads, tokens, tokens) of those asked for, numbered from 1."""

    text: str
    model: str
    pieces: Pieces
    maps: Maps
    layers: tuple[int, ...]
    heads: tuple[int, ...]


def look(text: str, folder: Path | None, layer: int | None, head: int | None) -> Seen:
    """Read the text with a model. folder: of a checkpoint, or one of openbook's; None: the shipped encoder."""
    model, found, maps = _shipped(text, folder) if _is_ours(folder) else _checkpoint(text, folder or SHIPPED)
    layers, heads = _asked(layer, maps.shape[0], "layer"), _asked(head, maps.shape[1], "head")
    chosen = maps[[number - 1 for number in layers]][:, [number - 1 for number in heads]]
    return Seen(text, model, found, chosen, layers, heads)


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


def _is_ours(folder: Path | None) -> bool:
    return folder is None or (folder / "manifest.json").exists()


def _shipped(text: str, folder: Path | None) -> tuple[str, Pieces, Maps]:
    """In numpy, by the equations: a reading that works wherever openbook does."""
    from openbook.compress.unquantised import unquantised

    opened = open_folder(folder or SHIPPED)
    found = pieces(opened.tokenizer, text, min(MOST_TOKENS, opened.window))
    bert = unquantised(opened.model)
    name = "all-MiniLM-L6-v2 as openbook ships it" if folder is None else f"the encoder in {folder}"
    size = f"{len(bert.layers)} layers of {bert.heads} heads"
    return f"Model: {name}, {size}; its INT8 weights back in floats.", found, attention_maps(bert, found.ids)


def _checkpoint(text: str, folder: Path) -> tuple[str, Pieces, Maps]:
    if find_spec("torch") is None:
        raise MissingExtra("seeing into a checkpoint", "train")
    import torch

    from openbook.model.attention_maps import attention_maps as maps_of
    from openbook.model.checkpoint import load

    model, config = load(folder, dtype=torch.float32)
    found = pieces(folder, text, min(MOST_TOKENS, config.context))
    maps = maps_of(model, torch.tensor(found.ids)).numpy()
    family = getattr(config, "family", "bert")
    return f"Model: {folder}, a {family} of {config.layers} layers of {config.heads} heads.", found, maps


def _asked(number: int | None, count: int, what: str) -> tuple[int, ...]:
    if number is not None and number > count:
        raise OpenbookError(f"there is no {what} {number}: this model has {what}s 1 to {count}")
    return tuple(range(1, count + 1)) if number is None else (number,)
