"""A person's words as an FTS5 query: every word quoted, so that nothing they type is an operator."""

import re

MAX_WORDS = 64
"""More words than this add time and hardly any signal; the longest ones are kept, as they are the rarest."""

_WORD = re.compile(r"\w+")

# Function words, dropped unless nothing else is left: BM25 gives them almost no weight, yet each reads a long list.
FUNCTION_WORDS = frozenset(
    "a about above after again all also am an and any are as at be because been before being below between "
    "both but by can could did do does doing down during each few for from further had has have having he her "
    "here hers him his how i if in into is it its itself just me more most my no nor not of off on once only "
    "or other our out over own same she should so some such than that the their them then there these they "
    "this those through to too under until up very was we were what when where which while who whom why will "
    "with would you your".split()
)


def words(text: str) -> list[str]:
    """The distinct words of ``text`` in order, case folded; function words only where there is nothing else."""
    found = list(dict.fromkeys(word.casefold() for word in _WORD.findall(text)))
    content = [word for word in found if word not in FUNCTION_WORDS] or found
    if len(content) > MAX_WORDS:
        kept = set(sorted(content, key=len, reverse=True)[:MAX_WORDS])
        content = [word for word in content if word in kept]
    return content


def match_expression(text: str) -> str | None:
    """Any of the words, each as an FTS5 string; None where the text holds no word at all."""
    return " OR ".join(f'"{word}"' for word in words(text)) or None
