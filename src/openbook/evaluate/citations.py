"""Citation recall and precision, and where citations land.

Gao et al. 2023, "Enabling large language models to generate text with citations" (ALCE): a statement is recalled where
all that it cites backs it together; a citation is precise where the statement is recalled and it backs it alone or is
needed for it. They take the statements that a model wrote. A quoted sentence backs itself by construction, so that
here the statement is the one that the question makes with its right answer.
"""

from collections.abc import Callable, Sequence

from openbook.evaluate.answers import Measure, Questions, share
from openbook.evaluate.asked import Backing, Response, in_source, on_quote
from openbook.evaluate.statements import statement

Backs = Callable[[str, Sequence[str]], Sequence[bool]]
"""Of a statement and texts: whether each text backs it."""

PAIRS = 100
"""Questions whose statements are held against another question's citations."""


def backing(said: str, quotes: Sequence[str], backs: Backs) -> Backing:
    """Recall of a statement and precision of each of its citations, as ALCE defines them."""
    joined = " ".join(quotes)
    if len(quotes) < 2:
        together = bool(quotes) and bool(backs(said, [joined])[0])
        return Backing(together, tuple(together for _ in quotes))
    rests = [" ".join(quote for other, quote in enumerate(quotes) if other != n) for n in range(len(quotes))]
    together, *others = (bool(one) for one in backs(said, [joined, *quotes, *rests]))
    alone, without = others[: len(quotes)], others[len(quotes) :]
    return Backing(together, tuple(together and (a or not w) for a, w in zip(alone, without, strict=True)))


def of_citations(found: Questions, answered: Sequence[bool]) -> list[Measure]:
    """Over questions that are answered: where the citations stand, and whether they back the right answer.

    A measure that nothing bears on is left out.
    """
    shown = [n for n, is_shown in enumerate(answered) if is_shown]
    cited = [(n, c) for n in shown for c in found.responses[n].cited]
    by_file = [(n, c) for n, c in cited if found.wanted[n].sources]
    by_quote = [(n, c) for n, c in cited if found.wanted[n].quotes]
    backings = [(n, b) for n in shown if (b := found.responses[n].backing) is not None]
    precise = [(n, each) for n, b in backings for each in b.precise]
    measures = (
        share(found, "cited sentences in the named document", _first(by_file),
              [in_source(found.wanted[n], c) for n, c in by_file]),
        share(found, "cited sentences on the named quote", _first(by_quote),
              [on_quote(found.wanted[n], c) for n, c in by_quote]),
        share(found, "answers whose citations back the right one", _first(backings), [b.together for _, b in backings]),
        share(found, "citations that are needed or enough for it", _first(precise), [each for _, each in precise]),
    )  # fmt: skip
    return [measure for measure in measures if measure is not None]


def of_scorer(found: Questions, backs: Backs, on_progress: Callable[[int, int], object] | None = None) -> list[Measure]:
    """What the scorer itself is worth on these statements, without which the figures above say little.

    How often it lets the quote that a person named back the statement, of which more is not to be had; and how often
    what another question cites, which is for nothing. Of the first ``PAIRS`` questions; another is the one half the
    list away. A measure that nothing bears on is left out.
    """
    known = [n for n, r in enumerate(found.responses) if r.backing is not None and r.cited]
    pairs = [(n, known[(turn + len(known) // 2) % len(known)]) for turn, n in enumerate(known)][:PAIRS]
    named: list[tuple[int, bool]] = []
    strange: list[tuple[int, bool]] = []
    for done, (n, other) in enumerate(pairs, start=1):
        one = found.wanted[n]
        said = statement(one.question, one.answers[0])
        if one.quotes:
            named.append((n, any(backs(said, one.quotes))))
        if other != n:
            strange.append((n, bool(backs(said, [_joined(found.responses[other])])[0])))
        if on_progress:
            on_progress(done, len(pairs))
    measures = (
        share(found, "for comparison: the named quote backs it", _first(named), [each for _, each in named]),
        share(found, "for comparison: another's citations do", _first(strange), [each for _, each in strange]),
    )
    return [measure for measure in measures if measure is not None]


def _joined(response: Response) -> str:
    return " ".join(cited.quote for cited in response.cited)


def _first(pairs: Sequence[tuple[int, object]]) -> list[int]:
    return [number for number, _ in pairs]
