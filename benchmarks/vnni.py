"""Do the shipped INT8 models say the same on a processor without VNNI? Under emulation of one, beside this one.

Without VNNI, x86 adds two products of an unsigned and a signed byte in 16 bits, and may saturate; the shipped weights
are made so that no two neighbours can (``openbook.compress.pairsafe``). ``qemu-x86_64`` (Debian's qemu-user) runs the
same texts on an emulated Haswell: AVX2 and nothing later. It says nothing about speed. Writes evidence/vnni.json.
Run: python -m benchmarks.vnni [--texts 24]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.answer_tasks import squad_task
from benchmarks.data import ROOT
from benchmarks.logistic import Floats
from benchmarks.publish import columns, publish
from openbook.encode import open_encoder
from openbook.encode.injection import open_injection
from openbook.encode.pair import open_pair
from openbook.encode.support import open_support
from openbook.report.record import Figure
from openbook.report.tables import Table

EMULATOR, PROCESSOR = "qemu-x86_64", "Haswell"
MODELS = {
    "embedder": "numbers of a vector",
    "pair encoder": "relevance, no-answer",
    "injection": "logit",
    "support": "logit",
}


def outputs(count: int) -> dict[str, Floats]:
    """What each model makes of the same questions and pages, by its name."""
    task = squad_task("test")
    rows = {str(row["id"]): str(row["text"]) for row in task.rows}
    asked = [(a.text, rows[a.gold[0]]) for a in task.asked if a.gold][:count]
    pair, injection, support = open_pair(threads=1), open_injection(threads=1), open_support(threads=1)
    scores = [pair(question, [text])[0] for question, text in asked]
    return {
        "embedder": np.array(open_encoder(threads=1)([text for _, text in asked]), np.float64),
        "pair encoder": np.array([[s.relevance, s.no_answer] for s in scores]),
        "injection": np.array([found.score for found in injection([text for _, text in asked])]),
        "support": np.array([support(question, [text])[0].score for question, text in asked]),
    }


def emulated(count: int) -> dict[str, Floats]:
    """The same on the emulated processor."""
    emulator = shutil.which(EMULATOR)
    if emulator is None:
        sys.exit(f"there is no {EMULATOR}: install qemu-user (Debian's name), or run this elsewhere")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found.npz"
        python = os.path.realpath(sys.executable)
        command = [emulator, "-cpu", PROCESSOR, python, "-m", "benchmarks.vnni", "--worker", str(path)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
        subprocess.run([*command, "--texts", str(count)], check=True, cwd=ROOT, env=environment)
        with np.load(path) as found:
            return {name: found[name] for name in MODELS}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=24)
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        np.savez(given.worker, **outputs(given.texts))
        return
    here, there = outputs(given.texts), emulated(given.texts)
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    for name, what in MODELS.items():
        apart = np.abs(here[name] - there[name])
        spread = float(here[name].std())
        figures.append(Figure(f"{name}: largest difference", float(apart.max()), n=given.texts))
        figures.append(Figure(f"{name}: standard deviation of what is compared", spread, n=given.texts))
        rows.append((name, what, f"{apart.max():.1e}", f"{apart.mean():.1e}", f"{spread:.3f}"))
    note = (
        f"{given.texts} questions and paragraphs of SQuAD. With VNNI: this processor; without: an emulated {PROCESSOR}."
        " Spread: the standard deviation of the values themselves, for comparison."
    )
    names = columns("model", "compared", "largest difference", "mean", "spread")
    publish(
        "vnni", figures, {"vnni": Table("INT8 with and without VNNI", names, tuple(rows), note)},
        data=["retrieval/squad_corpus.jsonl.gz", "qa/squad_train.jsonl.gz"],
        code=["src/openbook/encode", "src/openbook/weights", "src/openbook/compress"],
    )  # fmt: skip


if __name__ == "__main__":
    main()
