"""``openbook align reward``: the run as every method's is shown, and then what the reward model is worth."""

from collections.abc import Callable, Sequence
from pathlib import Path

from openbook.align.reward_recipe import RewardRecipe
from openbook.align.reward_report import RewardReport
from openbook.align.reward_run import run
from openbook.align.run import AlignPlan, AlignResult
from openbook.cli.aligning import aligned
from openbook.cli.show_reward import show
from openbook.train.watch import Watch


def rewarded(path: Path, changes: Sequence[str], *, as_json: bool) -> None:
    """Run the recipe. Its base is made first where it is missing and base.recipe says how."""
    reports: list[RewardReport] = []

    def reporting(recipe: RewardRecipe, watch: Watch, planned: Callable[[AlignPlan], None]) -> AlignResult:
        return run(recipe, watch, planned, reports.append)

    aligned("reward", path, changes, RewardRecipe, reporting, as_json=as_json)
    if reports and not as_json:
        show(reports[0])
