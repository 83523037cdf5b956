"""What ``openbook align`` shows of a run, whatever its method: what learns, how far it is, what came of it."""

import sys
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from openbook.align.recipe import AlignRecipe
from openbook.align.run import AlignPlan, AlignResult
from openbook.cli.align_base import make_base
from openbook.cli.align_recipes import Method, read
from openbook.cli.run_bar import RunBar, nothing
from openbook.cli.show_run import plain, print_rows
from openbook.cli.stopped_early import end_where_stopped, told_where_a_run_stopped
from openbook.cli.typed import print_json
from openbook.json_lines import shortened
from openbook.train.base_folder import base_name
from openbook.train.watch import Watch

R = TypeVar("R", bound=AlignRecipe)

Run = Callable[[R, Watch, Callable[[AlignPlan], None]], AlignResult]
"""A method's whole run, as ``align.run.run`` with the method's own ``begin`` filled in."""

SHOWN = 3
"""Replies of the last evaluation that are shown at the end; the folder keeps more."""

_LINE, _ASKED = 80, 28
"""Characters of a line, and of it for the prompt at most."""

BESIDE_THE_BAR = ("loss", "reward", "kl")
COMPARED = ("loss", "reward", "true_reward", "accuracy", "margin", "kl", "entropy", "length")
"""Measures whose first and last values are shown at the end, ``held_NAME`` of each with it."""
DRAWN = ("reward", "true_reward", "length")
"""Of these, what a reply is, which depends on how it was drawn."""


def aligned(method: Method, path: Path, changes: Sequence[str], kind: type[R], run: Run[R], *, as_json: bool) -> None:
    """Run a method's recipe. Its base is made first where it is missing and base.recipe says how."""
    recipe = read(path, method, kind, changes)
    make_base(recipe.base, quiet=as_json)
    bar = RunBar("aligning", _beside, _told, quiet=as_json)

    notes: dict[str, str] = {}

    def planned(plan: AlignPlan) -> None:
        notes.update(plan.notes)
        if not as_json:
            print_rows("what", _header(plan))
        bar.starts(plan.begins, plan.steps)

    with told_where_a_run_stopped(), bar:
        result = run(recipe, Watch(nothing, bar.progress, bar.record), planned)
    end_where_stopped(result)
    if as_json:
        print_json({**plain(asdict(result)), "notes": notes})
        return
    print_rows("what", outcome(result))
    for row in result.said[:SHOWN]:
        sys.stdout.write(f"{_reply(row)}\n")
    if result.note:
        sys.stdout.write(f"{result.note}\n")
    if result.adapted and result.weights is not None:
        base = base_name(result.base)
        sys.stdout.write(f"to merge it: openbook lora merge {base} {result.weights} {result.folder}/merged\n")


def _header(plan: AlignPlan) -> list[tuple[str, str]]:
    share = plan.share
    learns = f"{share.trainable:,} of {share.all:,} parameters ({share.fraction:.2%})"
    return [("trainable", learns), ("steps", f"{plan.steps:,}"), *plan.notes]


def _beside(row: Mapping[str, Any]) -> str:
    return " · ".join(f"{name} {row[name]:.4g}" for name in BESIDE_THE_BAR if name in row)


def _told(row: Mapping[str, Any]) -> str:
    values = ", ".join(f"{name} {row[f'held_{name}']:.4g}" for name in COMPARED if f"held_{name}" in row)
    return f"step {row['step']}, {_held(row)}: {values}" if values else ""


def _held(names: Container[str]) -> str:
    """How what is kept apart was answered, where replies earn rewards: those learnt from are drawn at a temperature."""
    return "held out, likeliest tokens" if "held_reward" in names else "held out"


def outcome(result: AlignResult) -> list[tuple[str, str]]:
    """What came of a run, a row for each thing worth a look."""
    rows = [
        ("steps", f"{result.step:,}"),
        ("seconds", f"{result.seconds:.1f}"),
        ("memory at most, this call", f"{result.memory / 1e6:,.0f} MB"),
    ]
    measured = {name for row in result.rows for name in row}
    for name in (each for measure in COMPARED for each in (measure, f"held_{measure}")):
        values = _values(result, name)
        label = f"{name.removeprefix('held_')}, {_held(measured)}" if name.startswith("held_") else name
        if name in DRAWN and "held_reward" in measured:
            label = f"{name}, drawn replies"
        low, high = (_values(result, f"{name}_{side}") for side in ("low", "high"))
        ends = f" ({low[-1]:.3g} to {high[-1]:.3g})" if low and high else ""
        if len(values) > 1:
            rows.append((label, f"{values[0]:.4g} at first, {values[-1]:.4g}{ends} at the end"))
        elif values:
            rows.append((label, f"{values[0]:.4g}{ends}"))
    if drawing := _values(result, "drawing"):
        rows.append(("time spent drawing replies", f"{sum(drawing) / len(drawing):.0%}"))
    if result.weights is not None:
        rows.append(("adapter" if result.adapted else "model", str(result.weights)))
    rows.append(("plots and metrics", str(result.folder)))
    return rows


def _reply(row: Mapping[str, Any]) -> str:
    """One line: a prompt's end, the reply's beginning, and what it is worth where something says so."""
    worth = ", ".join(f"{name.replace('_', ' ')} {row[name]:.3g}" for name in ("reward", "true_reward") if name in row)
    prompt, reply = (" ".join(row[name].split()) for name in ("prompt", "reply"))
    asked = prompt if len(prompt) <= _ASKED else f"…{prompt[1 - _ASKED :]}"
    room = _LINE - len(asked) - len(worth) - 8
    return f"  {asked} → {shortened(reply, room) or '(nothing)'}{f'  [{worth}]' if worth else ''}"


def _values(result: AlignResult, name: str) -> list[float]:
    return [row[name] for row in result.rows if name in row]
