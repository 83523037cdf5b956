"""What a run has so far: the result of each step that gave one, and why the others gave none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from openbook.agent.budget import OverBudget
from openbook.agent.events import Event, LeftOut
from openbook.agent.invoke import NotCalled
from openbook.agent.jobs import Jobs, tool_of
from openbook.agent.parallel import Ended
from openbook.agent.perform import CallFailed
from openbook.agent.plan import MOST_EACH, Call, Step
from openbook.agent.terms import NothingFound, NotThere
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled, joined
from openbook.values import Json


@dataclass(frozen=True, slots=True)
class Sofar:
    """By the step's id. A step with ``each`` may stand in both: with the items that were done, and with the others."""

    results: dict[str, Labelled[Json]] = field(default_factory=dict[str, Labelled[Json]])
    left_out: dict[str, LeftOut] = field(default_factory=dict[str, LeftOut])

    def gather(self, step: Step, jobs: Jobs, ended: Sequence[Ended]) -> Iterator[Event]:
        """The step's result; of a step with ``each``, the list of what was done."""
        good = [end for end in ended if isinstance(end, Labelled)]
        bad = [end for end in ended if not isinstance(end, Labelled)]
        whole = len(jobs.jobs) + jobs.dropped
        reasons = [_reason(end) for end in bad] or [Labelled(f"a step is done for {MOST_EACH} items at most")]
        if not isinstance(step, Call) or step.each is None:
            if good:
                self.results[step.id] = good[0]
                return
            yield self.leave_out(step, reasons[0])
            return
        label = joined([jobs.control, *(end.label for end in good), *(_reason(end).label for end in bad)])
        if good or not whole:
            self.results[step.id] = Labelled([end.value for end in good], label)
        if len(good) < whole:
            said = f"{whole - len(good):,} of {whole:,} items: {reasons[0].value}"
            yield self.leave_out(step, Labelled(said, label))

    def why_not(self, error: OpenbookError) -> Labelled[str]:
        """Of a step whose terms have no values. A part's name is the plan's own; whether it is there, the result's."""
        if isinstance(error, NotThere):
            label = self.left_out[error.step].reason.label
            return Labelled(f"it needs step {error.step}, which was left out", label)
        if isinstance(error, NothingFound):
            return Labelled(f"it needs step {error.step}, which found nothing", self.results[error.step].label)
        return Labelled(str(error), joined([result.label for result in self.results.values()]))

    def leave_out(self, step: Step, reason: Labelled[str]) -> LeftOut:
        left = LeftOut(step.id, tool_of(step), reason)
        self.left_out[step.id] = left
        return left


def _reason(ended: NotCalled | CallFailed | OverBudget) -> Labelled[str]:
    match ended:
        case NotCalled():
            return ended.reason
        case CallFailed():
            return ended.said
        case OverBudget():
            return Labelled(str(ended))
