"""A question and its answer turned into a statement, which a passage can be asked to back.

Demszky et al. 2018, "Transforming question answering datasets into natural language inference datasets", turn questions
round with a parser; the wording here is rougher.
"""

import re

_AUXILIARY = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might)\b"
_ASKED = (
    re.compile(r"\bhow (?:many|much|long|old|far|often|tall|large|big)\b", re.IGNORECASE),
    re.compile(rf"\b(?:what|which) (?:\w+ ){{1,3}}?(?={_AUXILIARY})", re.IGNORECASE),
    re.compile(r"\b(?:who|whom|what|which|where|when|why|how)\b", re.IGNORECASE),
)


def statement(question: str, answer: str) -> str:
    """The question with the answer where its question words stood; before it, where there are none."""
    asked = " ".join(question.split()).rstrip(" ?")
    for words in _ASKED:
        found = words.search(asked)
        if found is not None:
            space = " " if found.group().endswith(" ") else ""
            said = f"{asked[: found.start()]}{answer}{space}{asked[found.end() :]}"
            return f"{said[:1].upper()}{said[1:]}."
    return f"{answer}: {asked}."
