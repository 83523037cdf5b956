"""What do the guard's rules add to its detector, what do they cost, and how does both stand beside another scanner?

Attacks of the injection benchmark's test part are hidden in as many ways as there are rules for, and harmless
paragraphs in the same ways. The model by itself is measured by benchmarks/injection.py. The other scanner is rebuff's
heuristic, the part of it that needs no service: its wheel is fetched, and that one module loaded.
Writes evidence/guard.json. Run: python -m benchmarks.guard
"""

import base64
import codecs
import importlib.util
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from types import ModuleType

from benchmarks.injection import DATA, kinds
from benchmarks.publish import columns, publish, with_interval
from openbook.encode.injection import InjectionDetector, open_injection
from openbook.evaluate.intervals import wilson
from openbook.guard.scan import Kind, scan
from openbook.heads.guard_sets import FILES, guard_texts
from openbook.heads.pair_data import data_folder
from openbook.report.record import Figure
from openbook.report.tables import Table

PEER = "rebuff==0.1.1"
HIDDEN = 60
"""Attacks, and harmless paragraphs, that are hidden in each way."""

ROUNDS, TIMED, CHARACTERS = 3, 12, 1_000
PEER_TEXTS, PEER_CHARACTERS = 2, 50
"""What is timed; of the other scanner, which takes seconds for a sentence, less."""

AROUND = "Minutes of the meeting of 3 May. Present were the board and the auditor. The budget was agreed upon."


def as_tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(c)) for c in text if " " <= c <= "~")


def as_selectors(text: str) -> str:
    return "".join(chr(0xFE00 + b) if b < 16 else chr(0xE0100 + b - 16) for b in text.encode())


def as_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WAYS: Mapping[str, tuple[Kind, Callable[[str], str]]] = {
    "in plain sight": ("text", lambda t: f"{AROUND} {t}"),
    "HTML comment": ("html", lambda t: f"<p>{AROUND}</p><!-- {t} -->"),
    "display: none": ("html", lambda t: f"<p>{AROUND}</p><div style='display:none'>{escape(t)}</div>"),
    "white on white": ("html", lambda t: f"<p>{AROUND} <i style='color:#fff'>{escape(t)}</i></p>"),
    "font size 0, by class": ("html", lambda t: f"<style>.n{{font-size:0}}</style>{AROUND}<i class=n>{escape(t)}</i>"),
    "alternative text": ("html", lambda t: f'<p>{AROUND}</p><img src=a.png alt="{escape(t)}">'),
    "Markdown reference": ("markdown", lambda t: f"{AROUND}\n\n[//]: # ({' '.join(t.split())})\n"),
    "zero-width signs": ("text", lambda t: f"{AROUND} " + "\u200b".join(t)),
    "tag characters": ("text", lambda t: AROUND + as_tags(t)),
    "variation selectors": ("text", lambda t: AROUND + as_selectors(t)),
    "base64": ("text", lambda t: f"{AROUND} {as_base64(t)}"),
    "base64, twice": ("text", lambda t: f"{AROUND} {as_base64(as_base64(t))}"),
    "hex": ("text", lambda t: f"{AROUND} {t.encode().hex()}"),
    "rot13": ("text", lambda t: f"{AROUND}\n{codecs.encode(t, 'rot13')}"),
}  # fmt: skip


def attacks() -> list[str]:
    """The attacks themselves, without the documents that they stand in."""
    texts = guard_texts(DATA.guards, data_folder(), "test")
    found = sorted({t.attack.of(t.text).strip() for t in texts if t.attack is not None})
    return random.Random(0).sample(found, min(HIDDEN, len(found)))


def harmless(tested: Mapping[str, tuple[bool, list[str]]]) -> list[str]:
    texts = [text[:400] for text in tested["documents"][1]]
    return random.Random(0).sample(texts, HIDDEN)


def hidden_table(detector: InjectionDetector, bad: Sequence[str], good: Sequence[str], figures: list[Figure]) -> Table:
    rows: list[tuple[str, ...]] = []
    for way, (kind, hide) in WAYS.items():
        cells = [way]
        for name, texts in (("detector alone", bad), ("rules and detector", bad), ("harmless flagged", good)):
            sources = [hide(text) for text in texts]
            if name == "detector alone":
                flagged = [found.flagged for found in detector(sources)]
            else:
                flagged = [bool(scan(source, kind, detector)) for source in sources]
            share = wilson(sum(flagged), len(flagged))
            figures.append(Figure(f"{way}: {name}", share.value, "", share.low, share.high, len(texts)))
            cells.append(with_interval(share, 2))
        rows.append(tuple(cells))
    note = (
        f"Share flagged of {len(bad)} attacks of the test part, each hidden behind the same harmless lines, and of "
        f"{len(good)} harmless paragraphs hidden likewise, at the shipped threshold. 95% intervals: Wilson's."
    )
    return Table("Hidden attacks", columns("hidden by", "detector", "with rules", "harmless"), tuple(rows), note)


def harmless_table(tested: Mapping[str, tuple[bool, list[str]]], figures: list[Figure]) -> Table:
    """False alarms that the rules add, the detector left out."""
    rows: list[tuple[str, ...]] = []
    for name, (harmful, texts) in tested.items():
        if harmful:
            continue
        share = wilson(sum(bool(scan(text, "markdown")) for text in texts), len(texts))
        figures.append(Figure(f"rules alone, {name}", share.value, "", share.low, share.high, len(texts)))
        rows.append((name, f"{len(texts):,}", with_interval(share)))
    note = "Harmless texts, read as Markdown, in which the rules find something without a detector. 95%: Wilson's."
    return Table("False alarms of the rules alone", columns("texts", "n", "flagged"), tuple(rows), note)


@cache
def peer() -> ModuleType:
    """The module of the wheel that needs nothing else; the rest of it asks services."""
    folder = Path(tempfile.mkdtemp())
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PEER]
    subprocess.run(pip, check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        path = Path(wheel.extract("rebuff/detect_pi_heuristics.py", folder))
    spec = importlib.util.spec_from_file_location("rebuff_heuristics", path)
    if spec is None or spec.loader is None:
        sys.exit(f"{PEER} does not hold its heuristic any more")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def beside(detector: InjectionDetector, tested: Mapping[str, tuple[bool, list[str]]], figures: list[Figure]) -> Table:
    """The time that each takes for the same harmless texts, one at a time."""
    drawn = random.Random(1)
    harmless = [text for harmful, texts in tested.values() if not harmful for text in texts]
    long = [" ".join(drawn.sample(harmless, 6))[:CHARACTERS] for _ in range(TIMED)]
    short = [text[:PEER_CHARACTERS] for text in long[:PEER_TEXTS]]
    ways: Mapping[str, Callable[[str], object]] = {
        "rules": lambda text: scan(text, "markdown"),
        "detector": lambda text: detector([text]),
        "rules and detector": lambda text: scan(text, "markdown", detector),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for text in [long[0], *long * ROUNDS]:  # in turn, so that a slow moment meets all; the first warms up
        for name, look in ways.items():
            taken[name].append(_milliseconds(look, text))
    taken = {name: found[1:] for name, found in taken.items()}
    look = peer().detect_prompt_injection_using_heuristic_on_input
    taken[PEER.replace("==", " ") + ", heuristic"] = [_milliseconds(look, text) for text in short]
    rows: list[tuple[str, ...]] = []
    for name, found in taken.items():
        milliseconds = statistics.median(found)
        figures.append(Figure(f"per 1,000 characters, {name}", milliseconds, "ms", n=len(found)))
        rows.append((name, f"{milliseconds:,.1f}"))
    note = (
        f"Medians over {TIMED} texts of {CHARACTERS:,} characters and {ROUNDS} rounds; rebuff's, which grows with the "
        f"text, over {PEER_TEXTS} of {PEER_CHARACTERS} characters, times {CHARACTERS // PEER_CHARACTERS}."
    )
    return Table("Beside another scanner", columns("scanner", "ms per 1,000 characters"), tuple(rows), note)


def _milliseconds(look: Callable[[str], object], text: str) -> float:
    """For a thousand characters of such a text."""
    started = time.perf_counter()
    look(text)
    return 1_000 * (time.perf_counter() - started) * CHARACTERS / len(text)


def main() -> None:
    detector = open_injection()
    tested = kinds()
    figures: list[Figure] = []
    tables = {
        "hidden": hidden_table(detector, attacks(), harmless(tested), figures),
        "harmless": harmless_table(tested, figures),
        "beside": beside(detector, tested, figures),
    }
    publish(
        "guard", figures, tables, data=FILES, code=["src/openbook/weights/injection", "benchmarks/guard"],
        versions={"rebuff": PEER.split("==")[1]},
    )  # fmt: skip


if __name__ == "__main__":
    main()
