"""What rewards from a checker add to a supervised model that its demonstrations have no more to teach.

A small decoder learns multi-digit arithmetic from demonstrations as people write them: all are right, and most give the
answer alone, without the steps. The steps of that training are doubled, each time with a whole schedule from new
weights, until a doubling brings less than two points of accuracy on problems kept apart: what was doubled is the
plateau, and the base. Then GRPO on fresh problems, with a checker that reads the last word alone. Two controls: the
doubled training, and a short one on the same problems all shown with their steps, as one would do who knew that steps
pay. All are asked problems that none has seen. Three seeds choose demonstrations, weights and draws. Writes
evidence/verifiable_rewards.json and plots in docs/.
Run: python -m benchmarks.verifiable_rewards [--only SEED] [--folder FOLDER]
"""

import argparse
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from benchmarks.data import ROOT
from benchmarks.publish import publish
from benchmarks.verifiable_stages import GRPO, SFT
from benchmarks.verifiable_tables import plateau_table, right_table, ways_table
from benchmarks.verifiable_trial import REWARDED, Trial, trial
from openbook.report.lines import line_plot
from openbook.report.series import Series
from openbook.report.sources import digest

SEEDS = (0, 1, 2)
PLOTS = {"held_reward": "align-verifiable.svg", "held_length": "align-verifiable-length.svg"}


def drawn_plots(trials: Sequence[Trial]) -> None:
    """Of problems held apart: right and length of the likeliest replies, over GRPO's steps."""
    said = {"held_reward": ("right", "share of problems held apart"), "held_length": ("length", "tokens a reply")}
    for key, file in PLOTS.items():
        lines: list[Series] = []
        for one in trials:
            rows = [row for row in one.stages[REWARDED]["rows"] if key in row]
            lines.append(Series(f"seed {one.seed}", [row["step"] for row in rows], [row[key] for row in rows]))
        title = f"GRPO from the supervised plateau: {said[key][0]}"
        drawn = line_plot(title, lines, x_label="step", y_label=said[key][1], y_range=(0, 1))
        (ROOT / "docs" / file).write_text(drawn.text, encoding="utf-8")


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("--only", type=int, help="this seed's trainings, kept in the folder; nothing is published")
    given.add_argument("--folder", type=Path, default=Path("runs/verifiable"), help="what is kept of each seed")
    asked = given.parse_args()
    made_by = digest(ROOT / SFT)[:8] + digest(ROOT / GRPO)[:8]
    seeds = SEEDS if asked.only is None else (asked.only,)
    trials = [trial(seed, asked.folder.resolve() / made_by / str(seed)) for seed in seeds]
    right, figures = right_table(trials)
    ways, more = ways_table(trials)
    whole = asked.only is None
    if whole:
        drawn_plots(trials)
    publish(
        "verifiable_rewards", [*figures, *more],
        {"verifiable": right, "ways": ways, "plateau": plateau_table(trials)}, data=[SFT, GRPO], code=[], seeds=seeds,
        versions={"torch": metadata.version("torch")}, note="One thread.", **({} if whole else {"folder": None}),
    )  # fmt: skip


if __name__ == "__main__":
    main()
