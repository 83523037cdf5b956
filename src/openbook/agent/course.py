"""What a model that works step by step has done so far: which announced calls, and which must not be made again.

A call that was made is not made a second time, since a model that loops makes the same one; unless something has been
changed since that it may want to look at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from json import dumps

from openbook.agent.action import Act
from openbook.agent.announced import Requested, requested
from openbook.agent.events import LeftOut
from openbook.agent.perform import CallFailed
from openbook.agent.plan import Call
from openbook.guard.labelled import Labelled
from openbook.values import Label


@dataclass(slots=True)
class Course:
    """calls: as announced. used: their places that were made. past: why a call must not be made again; by tool and
    arguments. made: calls so far, whatever became of them: a run that goes on names them alike."""

    calls: tuple[Call, ...] = ()
    used: set[int] = field(default_factory=set[int])
    past: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    made: int = 0

    def requested(self, act: Act, read: Label) -> Requested:
        """The call with its labels, read being that of all that the model has seen."""
        return requested(act.tool.name, act.arguments, self.calls, frozenset(self.used), read)

    def repeated(self, act: Act, made: Requested) -> str:
        """Why the call is not made, empty where it may be. One that was announced twice is made twice."""
        why = self.past.get(_key(act), "")
        announced = made.planned is not None and act.tool.capability.acts and not why.startswith(("may", "was refused"))
        return "" if announced else why

    def succeeded(self, act: Act, made: Requested, where: str, acting: Mapping[str, bool]) -> None:
        """acting: of each tool, whether it acts; after one that does, all others may be called again."""
        if acting[act.tool.name]:
            self.past = {key: why for key, why in self.past.items() if acting[key[0]]}
        self.past[_key(act)] = f"was made as {where}, and what it gave was shown"
        self._use(made)

    def refused(self, act: Act, where: str) -> None:
        self.past[_key(act)] = f"was refused as {where}"

    def failed(self, act: Act, made: Requested, where: str, error: CallFailed) -> None:
        """A tool that does not act may do better the next time; wrong arguments stay wrong."""
        if error.unknown:
            self.past[_key(act)] = f"may have been done as {where}"
            self._use(made)
        elif error.arguments:
            self.past[_key(act)] = f"was wrong as {where}"

    def left_out(self, seen: Label) -> tuple[LeftOut, ...]:
        """Announced calls that were not made. seen: what decided that."""
        rest = [call for place, call in enumerate(self.calls) if place not in self.used]
        return tuple(LeftOut(call.id, call.tool, Labelled("announced, and not made", seen)) for call in rest)

    def _use(self, made: Requested) -> None:
        if made.planned is not None:
            self.used.add(made.planned)


def _key(act: Act) -> tuple[str, str]:
    return act.tool.name, dumps(act.arguments, sort_keys=True)
