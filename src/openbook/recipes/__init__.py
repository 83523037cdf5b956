"""A recipe: a TOML file read into frozen dataclasses, with ``key=value`` changes, so that no setting is silently lost.

Every key has a type, the one of its field; an unknown key is refused with the nearest known name, and a missing one by
its own. A field may be a string, number, truth value, ``Literal``, tuple of one of these, mapping of strings, one of
these or None, or another dataclass, which is a table of the file. What a key means stands in its class's docstring.
"""

from openbook.recipes.building import BadRecipe, MissingKey, build
from openbook.recipes.keys import meanings, names
from openbook.recipes.reading import LARGEST, changed, load, read
from openbook.recipes.tables import as_table, differing
from openbook.recipes.written import whole

__all__ = [
    "LARGEST",
    "BadRecipe",
    "MissingKey",
    "as_table",
    "build",
    "changed",
    "differing",
    "load",
    "meanings",
    "names",
    "read",
    "whole",
]
