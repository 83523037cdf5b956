"""The trained pair encoder as the INT8 folder that is shipped, with its card."""

from collections.abc import Sequence
from pathlib import Path

from openbook.compress import pair as compress_pair
from openbook.compress.pair import Row, Shipping
from openbook.encode.folder import SHIPPED, open_folder
from openbook.encode.pair_input import pair_rows
from openbook.encode.word_table import WordTable
from openbook.encode.wordpiece import WordPiece
from openbook.heads.examples import Example
from openbook.heads.free_text import FREE
from openbook.heads.guard_sets import GUARD_SETS
from openbook.heads.pair_recipe import PairRecipe
from openbook.heads.sets import SETS

CALIBRATED, VERIFIED = 64, 64
"""Pairs that the outliers are measured on, and others that INT8 is compared with FP32 on."""


def ship(recipe: PairRecipe, trained: Path, held: Sequence[Example]) -> Path:
    """Write the INT8 folder and return it. held: examples that were not learnt from. Raises OpenbookError."""
    words = open_folder(SHIPPED)
    weights = compress_pair.read_weights(trained)
    window = len(weights.trunk.positions)
    table = WordTable(words.model)
    rows = rows_of(WordPiece(words), held[: CALIBRATED + VERIFIED], window)
    shipping = Shipping(words.digest, window, table, recipe.ship.alpha, recipe.ship.most, card(recipe))
    model = compress_pair.build(weights, shipping, rows[:CALIBRATED], rows[CALIBRATED:])
    folder = Path(recipe.ship.folder).expanduser() if recipe.ship.folder else Path(recipe.out.folder) / "int8"
    compress_pair.write(folder, model, shipping)
    return folder


def rows_of(tokens: WordPiece, examples: Sequence[Example], window: int) -> list[Row]:
    """The first row of each pair."""
    found = [pair_rows(tokens, e.question, e.passage, e.heading, window=window)[0] for e in examples]
    return [(row.ids, row.kinds) for row in found]


def card(recipe: PairRecipe) -> str:
    """Markdown: the recipe's own words, and its sets with their licences."""
    lines = [recipe.ship.card.strip() or "# Pair encoder", "", "## Learnt from", "", "| set | licence |", "|---|---|"]
    licences = {name: SETS[name].licence for name in recipe.data.sets}
    for name in (*recipe.data.statements, *recipe.data.texts):
        licences.setdefault(name, SETS[name].licence if name in SETS else FREE[name][2])
    for name in recipe.data.guards:
        licences[f"{name} (guard)"] = GUARD_SETS[name][1]
    lines += [f"| {name} | {licence} |" for name, licence in licences.items()]
    runs = f"{recipe.runs} runs of " if recipe.runs > 1 else ""
    lines += ["", f"Seed {recipe.train.seed}; {runs}{recipe.train.steps:,} steps of {recipe.train.batch} pairs."]
    return "\n".join(lines) + "\n"
