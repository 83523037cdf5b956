"""Recompute an answer's stages and what it says, and name the first that differs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openbook.answer.exchange import SavedAnswer, shown_json
from openbook.values import Answer, Stage, Trace


@dataclass(frozen=True, slots=True)
class Replay:
    """stages: (name, same) in order. first: the first that differs, or None. why: what is known to have changed."""

    stages: Sequence[tuple[str, bool]]
    first: str | None
    why: Sequence[str]


def check(saved: SavedAnswer, recomputed: Answer) -> Replay:
    """The stages, and last what a person reads, named ``answer``: digests alone do not show that a quote was edited."""
    result = compare(saved.trace, recomputed.trace)
    now = shown_json(recomputed)
    edited = [name for name, value in saved.shown.items() if value != now[name]]
    why = list(result.why)
    if edited and result.first is None:
        why.append(f"the stages give another answer than the file holds: its {', '.join(edited)} differ")
    why += [f"{uri} changed since it was indexed: what is replayed is what was indexed" for uri in recomputed.stale]
    stages = [*result.stages, ("answer", not edited)]
    return replace(result, stages=stages, first=result.first or ("answer" if edited else None), why=why)


def compare(recorded: Trace, recomputed: Trace) -> Replay:
    """Stage by stage: same inputs and same outputs. A stage that one of the two lacks differs."""
    pairs = _paired(recorded.stages, recomputed.stages)
    stages = [(name, old == new) for name, old, new in pairs]
    first = next((name for name, same in stages if not same), None)
    then, now = recorded.models, recomputed.models
    why = [
        f"the {name} was another: {then.get(name, 'none')[:12]} then, {now.get(name, 'none')[:12]} now"
        for name in dict.fromkeys([*now, *then])
        if then.get(name) != now.get(name)
    ]
    if recorded.generation != recomputed.generation:
        why.append(f"the index was at generation {recorded.generation} then, {recomputed.generation} now")
    return Replay(stages, first, why)


def _paired(old: Sequence[Stage], new: Sequence[Stage]) -> list[tuple[str, Stage | None, Stage | None]]:
    before, after = {stage.name: stage for stage in old}, {stage.name: stage for stage in new}
    return [(name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]
