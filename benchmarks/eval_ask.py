"""``openbook eval ask`` as a person runs it: on the handbook with its questions, and on SQuAD's pages as a folder.

SQuAD's pages are those of the test part, which nothing was learnt from or fitted on, one file a page; a third are left
out, and questions about those are absent. Questions are grouped by paragraph, since the pages are too few to group by.
Writes evidence/eval_ask.json.
Run: python -m benchmarks.eval_ask
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.answer_tasks import left_out
from benchmarks.data import ROOT, read_rows
from benchmarks.publish import columns, publish
from openbook.heads.split import part_of
from openbook.report.record import Figure
from openbook.report.tables import Table

GUIDE = ROOT / "benchmarks" / "guide" / "questions.jsonl"
KINDS = {"answerable": 80, "absent": 40}
"""SQuAD's questions of each kind that are asked."""


def squad(folder: Path) -> Path:
    """Write the pages into ``folder``/pages and the questions beside it; the questions' path."""
    rows = [
        row for row in read_rows("retrieval/squad_corpus.jsonl.gz") if part_of("squad", str(row["title"])) == "test"
    ]
    out = left_out("squad", [str(row["title"]) for row in rows], "test")
    pages: dict[str, list[str]] = {}
    for row in rows:
        pages.setdefault(str(row["title"]), []).append(str(row["text"]))
    (folder / "pages").mkdir()
    for title in pages.keys() - out:
        text = "\n\n".join([f"# {title.replace('_', ' ')}", *pages[title]])
        (folder / "pages" / f"{title}.md").write_text(f"{text}\n", encoding="utf-8")
    found: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in KINDS}
    for row in read_rows("qa/squad_train.jsonl.gz"):
        title = str(row["title"])
        if part_of("squad", title) != "test" or not row["answerable"]:
            continue
        asked = {"question": row["question"], "group": row["paragraph_id"]}
        if title in out:
            found["absent"].append({**asked, "answer": None})
        else:
            answers = list(dict.fromkeys(a["text"] for a in row["answers"]))
            found["answerable"].append({**asked, "answer": answers, "source": f"{title}.md", "quote": row["context"]})
    rng = np.random.default_rng(0)
    chosen = [of[n] for kind, of in found.items() for n in rng.permutation(len(of))[: KINDS[kind]].tolist()]
    path = folder / "questions.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in chosen), encoding="utf-8")
    return path


def measured(folder: Path, questions: Path, index: Path) -> Mapping[str, Any]:
    command = ["eval", "ask", str(folder), str(questions), "--index", str(index), "--stages", "--json"]
    done = subprocess.run([sys.executable, "-m", "openbook", *command], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def line(name: str, one: Mapping[str, Any], figures: list[Figure]) -> tuple[str, ...]:
    """A measure as a row, kept as a figure too."""
    within = one["interval"]
    figures.append(
        Figure(
            f"{name}: {one['name']}", one["value"], "", within and within["low"], within and within["high"], one["n"]
        )
    )
    spread = f" ({within['low']:.2f}–{within['high']:.2f})" if within else ""
    return one["name"], str(one["n"]), f"{one['value']:.2f}{spread}"


def answers_table(name: str, found: Mapping[str, Any], figures: list[Figure]) -> Table:
    """All but the stages; of the other half's threshold, the last lines."""
    sure = found["sureness"]
    each = [found["now"]["measures"], found["words"], found["citations"], found["scorer"], found["retrieval"]]
    rows = [line(name, one, figures) for of in [*each, sure["measures"]] for one in of]
    size = sum(found["questions"])
    figures.append(Figure(f"{name}: calibration error", sure["error"], n=size))
    rows.append(("calibration error", str(size), f"{sure['error']:.3f}"))
    other = found["other_half"]
    note = (
        f"At the threshold that is shipped. A confidence that means what it says would show a calibration error of "
        f"{sure['chance']:.3f} on so many questions, {sure['at_most']:.3f} at most in 95% of draws. "
    )
    if other is not None:
        rows += [line(f"{name}, other half", {**one, "name": f"other half, {one['name']}"}, figures)
                 for one in other["at"]["measures"]]  # fmt: skip
        note += (
            "Other half: at the threshold that calibrate sets on the half of the questions that it does not answer; "
            f"of all handled rightly {other['gain']:+.3f}, p = {other['p_value']:.3f}. "
        )
    return Table(
        f"openbook eval ask, {name}",
        columns("", "n", "value"),
        tuple(rows),
        note + "95% intervals, over groups: paragraphs, or entries of the guide.",
    )


def stages_rows(name: str, stages: Sequence[Mapping[str, Any]], figures: list[Figure]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for one in stages:
        figures.append(Figure(f"{name}, {one['name']}: {one['measure']}, p", one["p_value"], n=one["n"]))
        change = one["without"] - one["with_all"]
        rows.append((f"{name}, {one['name']}: {one['measure']}", str(one["n"]), f"{one['with_all']:.3f}",
                     f"{one['without']:.3f}", f"{change:+.3f}", f"{one['p_value']:.4f}"))  # fmt: skip
    return rows


def main() -> None:
    figures: list[Figure] = []
    tables: dict[str, Table] = {}
    stages: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        questions = squad(folder)
        for name, documents, asked in (
            ("the handbook", ROOT / "handbook", GUIDE),
            ("SQuAD's pages", folder / "pages", questions),
        ):
            found = measured(documents, asked, folder / f"{documents.name}.sqlite")
            tables[documents.name] = answers_table(name, found, figures)
            stages += stages_rows(name, found["stages"], figures)
    note = (
        "Handled rightly: answered rightly, or, where there is no answer, not answered; at each way's threshold as "
        "shipped. First sentence right: of answerable questions, however sure. p: paired randomisation of groups, "
        "by Holm within a folder."
    )
    names = columns("", "n", "all on", "off", "change", "p")
    tables["stages"] = Table("Each stage switched off", names, tuple(stages), note)
    publish(
        "eval_ask",
        figures,
        tables,
        data=["handbook", "benchmarks/guide/questions.jsonl", "qa/squad_train.jsonl.gz",
              "retrieval/squad_corpus.jsonl.gz"],
        code=["src/openbook/answer", "src/openbook/index", "src/openbook/encode", "src/openbook/evaluate",
              "src/openbook/weights"],
    )  # fmt: skip


if __name__ == "__main__":
    main()
