"""A model card: the recipe's own text, then every file's digest, so that what is on disk can be checked by hand."""

from collections.abc import Mapping
from hashlib import sha256

from openbook.compress.recipe import EncoderRecipe


def card(recipe: EncoderRecipe, files: Mapping[str, bytes]) -> str:
    """Markdown. files: what the model folder will hold, besides the card and the manifest."""
    made = [f"| {name} | {len(content):,} | `{sha256(content).hexdigest()}` |" for name, content in files.items()]
    source = [f"| {name} | | `{digest}` |" for name, digest in recipe.source.sha256.items()]
    heading = ["", "## Digests", "", "| file | bytes | SHA-256 |", "|---|---:|---|"]
    origin = f"Made from {recipe.source.package} {recipe.source.version}:"
    below = ["", origin, "", "| file | | SHA-256 |", "|---|---|---|"]
    return "\n".join([recipe.card.strip(), *heading, *made, *below, *source]) + "\n"
