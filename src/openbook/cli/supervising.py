"""What ``openbook align sft`` shows: what is learnt, how far it is, and how good the model then is at its task."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from openbook.align.evaluate_policy import Evaluated
from openbook.align.sft import SftPlan, SftResult, run
from openbook.align.sft_recipe import SftRecipe
from openbook.cli.align_recipes import read
from openbook.cli.run_bar import nothing
from openbook.cli.show_run import plain, print_rows
from openbook.cli.stopped_early import end_where_stopped, told_where_a_run_stopped
from openbook.cli.training import training_bar
from openbook.cli.typed import print_json
from openbook.evaluate.intervals import Interval
from openbook.report.times import times_text
from openbook.train.watch import Watch


def supervised(path: Path, changes: Sequence[str], *, as_json: bool) -> None:
    """Run a recipe of demonstrations."""
    recipe = read(path, "sft", SftRecipe, changes)
    bar = training_bar(quiet=as_json)

    def planned(plan: SftPlan) -> None:
        if not as_json:
            print_rows("what", header(plan))
        bar.starts(plan.begins, plan.steps)

    with told_where_a_run_stopped(), bar:
        result = run(recipe, Watch(nothing, bar.progress, bar.record), planned)
    end_where_stopped(result)
    if as_json:
        print_json(as_plain(result))
    else:
        print_rows("trained", outcome(result))


def header(plan: SftPlan) -> list[tuple[str, str]]:
    """What is about to be done."""
    return [
        ("model", f"{plan.parameters:,} parameters; vocabulary {plan.vocabulary:,} pieces"),
        (
            "demonstrations",
            f"{plan.examples:,} to learn, seen {times_text(plan.epochs)}; {plan.validation:,} kept apart",
        ),
        ("steps", f"{plan.steps:,}"),
    ]


def outcome(result: SftResult) -> list[tuple[str, str]]:
    """What came of it."""
    rows = [("steps", f"{result.step:,}"), ("seconds", f"{result.seconds:.1f}")]
    rows += [
        (name, f"{loss:.4f}")
        for name, loss in (("training loss", result.loss), ("validation loss", result.validation_loss))
        if loss is not None
    ]
    if result.measured is not None:
        rows += measured(result.measured)
    return [*rows, ("model", str(result.model)), ("plot and metrics", str(result.folder))]


def measured(found: Evaluated) -> list[tuple[str, str]]:
    """Of the likeliest reply to each problem kept apart."""
    rows = [("replies right", _with_interval(found.accuracy, found.rewards.size))]
    if found.reward is not None:
        rows.append(("true reward", _with_interval(found.reward, found.rewards.size)))
    return [*rows, ("tokens a reply", f"{found.length:.1f}")]


def as_plain(result: SftResult) -> object:
    """The result with its measures as intervals in place of every reply's."""
    found = result.measured
    own = {name: getattr(result, name) for name in SftResult.__dataclass_fields__ if name != "measured"}
    if found is None:
        return plain(own)
    reward = asdict(found.reward) if found.reward is not None else None
    return plain({**own, "accuracy": asdict(found.accuracy), "reward": reward, "reply_tokens": found.length})


def _with_interval(found: Interval, replies: int) -> str:
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f}) of {replies} likeliest replies"
