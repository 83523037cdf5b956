"""What a person is told of the pairs before the first step: how many, what was left out, and what they are like."""

from openbook.align.pair_groups import Pairs
from openbook.align.preference_facts import facts_of
from openbook.align.preferences import Preferences
from openbook.report.plural import plural
from openbook.report.times import times_text


def pair_notes(found: Preferences, pairs: Pairs, seen: float) -> tuple[tuple[str, str], ...]:
    """As rows of a table. seen: how often each pair will be learnt from."""
    counts = f"{len(pairs.training):,} to learn from, seen {times_text(seen)}; {len(pairs.held):,} kept apart"
    left_out = (("longer than the context", pairs.too_long), ("replies of the same tokens", pairs.same))
    more = tuple((f"left out, {why}", plural(count, "pair")) for why, count in left_out if count)
    return (("pairs", counts), *found.notes, *more, *facts_of(found.pairs).notes)
