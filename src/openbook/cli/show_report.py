"""What ``index``, ``status`` and ``replay`` report, on a terminal."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from openbook.answer.replay import Replay
from openbook.cli.opened import Place
from openbook.cli.screen import console, plural, short, visible
from openbook.index.copy import CopyReport
from openbook.index.location import is_url
from openbook.index.update import Summary


def show_summary(summary: Summary, place: Place, *, verbose: bool) -> None:
    screen = console()
    done = [
        f"{len(uris)} {name}"
        for name, uris in (
            ("added", summary.added),
            ("changed", summary.changed),
            ("moved", summary.moved),
            ("removed", summary.removed),
        )
        if uris
    ]
    text = ", ".join([*done, f"{summary.unchanged} unchanged"])
    screen.print(
        f"{text}; {plural(summary.chunks, 'chunk')} written, {summary.embedded} embedded, in {summary.seconds:.1f} s"
    )
    shown = summary.skipped if verbose else summary.skipped[:10]
    roots = [Path(source) for source in place.sources]
    for left in shown:
        name = left.uri if is_url(left.uri) else short(Path(left.uri), roots)
        reason = left.reason if left.uri in left.reason else f"{name}: {left.reason}"  # an error names its file itself
        screen.print(Text(f"  skipped {visible(reason.replace(left.uri, name))}", style="dim"))
    if len(shown) < len(summary.skipped):
        screen.print(Text(f"  and {len(summary.skipped) - len(shown)} more: -v names them all", style="dim"))
    screen.print(Text(f"index: {place.spec}", style="dim"), soft_wrap=True)


def show_status(report: Mapping[str, Any]) -> None:
    screen = console()
    counts: Mapping[str, int] = report["counts"]
    screen.print(f"{report['store']}", soft_wrap=True)
    screen.print("  " + ", ".join(plural(number, name.removesuffix("s")) for name, number in counts.items()))
    if others := report["of_other_sources"]:
        are = "is" if others == 1 else "are"
        screen.print(f"  {others:,} of the documents {are} of other sources, and not looked at")
    size = f"{report['bytes'] / 1e6:.1f} MB, " if report["bytes"] else ""
    screen.print(f"  {size}generation {report['generation']}, {report['settings'].get('chunking', '')}")
    if own := report["calibrated"]:
        made = "made" if own["made"] else "own"
        screen.print(f"  answers from {own['threshold']:.3f}, as calibrated on {own['questions']:,} {made} questions")
    changed, gone = report["changed"], report["gone"]
    for uri in changed[:10]:
        screen.print(Text(f"  changed: {uri}", style="yellow"), soft_wrap=True)
    for uri in gone[:10]:
        screen.print(Text(f"  gone: {uri}", style="yellow"), soft_wrap=True)
    unopened: list[str] = report["unopened"]
    for uri in unopened[:10]:
        screen.print(Text(f"  cannot be opened, so its last version stays: {uri}", style="yellow"), soft_wrap=True)
    if changed or gone:
        screen.print(
            f"{len(changed)} new or changed, {len(gone)} gone: `openbook index`, with the same --index, takes them up"
        )
    else:
        screen.print("  up to date, as far as it can be read" if unopened else "  up to date")
    if left_out := report["left_out"]:
        are = "is" if left_out == 1 else "are"
        screen.print(Text(f"  {plural(left_out, 'file')} {are} left out: `openbook index DIR` says why", style="dim"))
    if report["checked"]:
        screen.print("  whole: every reference, word and vector agrees")


def show_replay(result: Replay) -> None:
    screen = console()
    for name, same in result.stages:
        screen.print(Text(f"  {'same     ' if same else 'different'}  {name}", style="" if same else "yellow"))
    screen.print(
        "every stage is the same, and so is the answer; what it says of files and of a draft is of its day"
        if result.first is None
        else f"the first stage that differs: {result.first}"
    )
    for reason in result.why:
        screen.print(f"  {reason}")


def show_copy(report: CopyReport, target: str) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in asdict(report).items():
        table.add_row(name.replace("_", " "), f"{value:.3f}" if isinstance(value, float) else str(value))
    screen = console()
    screen.print(table)
    screen.print(
        Text(
            "equal: the same chunks, but for those that tie with the tenth; overlap: the share of the first "
            "ten that both gave, where of chunks that tie each store may show others",
            style="dim",
        )
    )
    screen.print(Text(f"index: {target}", style="dim"), soft_wrap=True)
