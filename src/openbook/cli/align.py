"""``openbook align``: a policy that learns from preferences or rewards, one command a method."""

import sys
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from openbook.cli.align_recipes import Method, kind_of
from openbook.cli.lora import need_torch
from openbook.cli.options import AsJson, Page

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="""Let a language model learn from preferences or rewards, as a recipe says.

A whole recipe to begin from, every key with its default and its meaning: `openbook align new dpo > my.toml`.

Interrupted, the same command goes on where it stopped. A base that is missing is made first where the recipe says how.

Exit codes: 0 done, 2 bad usage or input, 130 interrupted.""",
    epilog="""Examples:

`openbook align sft recipes/facts-sft.toml`

`openbook align reward recipes/harmless-reward.toml`

`openbook align dpo recipes/facts-dpo.toml dpo.beta=0.5 out.folder=runs/strict`

`openbook align grpo recipes/arithmetic-grpo.toml`

`openbook align compare recipes/compare.toml --quick --out compare.html`""",
)
Recipe: TypeAlias = Annotated[
    Path, typer.Argument(help="A TOML recipe: a shipped one, or what `openbook align new` prints.", show_default=False)
]
Changes: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY=VALUE]...", help="Recipe keys to change, as train.steps=50.", show_default=False),
]


@app.command()
def new(
    method: Annotated[Method, typer.Argument(help="The method that the recipe is for.", show_default=False)],
) -> None:
    """Print a whole recipe: every key, with its default or a mark where it must be given, and what it means."""
    need_torch()
    from openbook.recipes import whole

    sys.stdout.write(whole(kind_of(method), f"openbook align {method}"))


@app.command()
def dpo(recipe: Recipe, changes: Changes = None, as_json: AsJson = False) -> None:
    """Learn from pairs of a better and a worse reply, by DPO or IPO."""
    need_torch()
    from openbook.align import pairs_run
    from openbook.cli.aligning import aligned

    aligned("dpo", recipe, changes or (), pairs_run.DpoRecipe, pairs_run.run, as_json=as_json)


@app.command()
def reward(recipe: Recipe, changes: Changes = None, as_json: AsJson = False) -> None:
    """Make a reward model from pairs or ratings, and say what it is worth on pairs that it has not seen."""
    need_torch()
    from openbook.cli.rewarding import rewarded

    rewarded(recipe, changes or (), as_json=as_json)


@app.command()
def sft(recipe: Recipe, changes: Changes = None, as_json: AsJson = False) -> None:
    """Train a small model on a task's demonstrations, for the other methods to start from."""
    need_torch()
    from openbook.cli.supervising import supervised

    supervised(recipe, changes or (), as_json=as_json)


@app.command()
def ppo(recipe: Recipe, changes: Changes = None, as_json: AsJson = False) -> None:
    """Learn from rewards of drawn replies by PPO, with a value for every token."""
    need_torch()
    from openbook.align import online_run
    from openbook.cli.aligning import aligned

    aligned("ppo", recipe, changes or (), online_run.PpoRecipe, online_run.run_ppo, as_json=as_json)


@app.command()
def grpo(recipe: Recipe, changes: Changes = None, as_json: AsJson = False) -> None:
    """Learn from rewards of drawn replies by GRPO, each reply against the others to its prompt."""
    need_torch()
    from openbook.align import online_run
    from openbook.cli.aligning import aligned

    aligned("grpo", recipe, changes or (), online_run.GrpoRecipe, online_run.run_grpo, as_json=as_json)


@app.command()
def rejection(recipe: Recipe, changes: Changes = None, as_json: AsJson = False) -> None:
    """Learn from the best of several replies to each prompt, as if it were a demonstration."""
    need_torch()
    from openbook.align.rejection import RejectionRecipe, run
    from openbook.cli.aligning import aligned

    aligned("rejection", recipe, changes or (), RejectionRecipe, run, as_json=as_json)


@app.command()
def annotate(
    model: Annotated[
        str, typer.Argument(help="The folder of the policy that writes the replies, or writer, the shipped one.")
    ],
    task: Annotated[str, typer.Argument(help="The task whose reward the annotator sees, as facts.")],
    out: Annotated[Path, typer.Argument(help="A new .jsonl file for the pairs.")],
    problems: Annotated[int, typer.Option(min=1, max=10**6, help="How many problems.")] = 1000,
    replies: Annotated[int, typer.Option(min=2, max=1024, help="Replies to each, compared two by two.")] = 2,
    most: Annotated[int, typer.Option(min=1, max=2**16, help="Tokens of a reply at most.")] = 64,
    noise: Annotated[float, typer.Option(help="Temperature of the choice; 0: always the better one.")] = 1.0,
    flips: Annotated[float, typer.Option(help="Share of choices the wrong way round.")] = 0.0,
    per_token: Annotated[float, typer.Option(help="Reward that a token of length seems worth.")] = 0.0,
    end: Annotated[str, typer.Option(help="The piece that ends a reply.")] = "<|endoftext|>",
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal pairs.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Let a simulated annotator choose between a policy's replies, with a noise and a bias that are known."""
    need_torch()
    from openbook.align.simulate import Drawn
    from openbook.cli.annotating import annotate as choose
    from openbook.cli.annotating import annotator

    chosen_by = annotator(noise, flips, per_token)
    choose(model, task, out, chosen_by, Drawn(problems, replies, most, seed=seed), end, as_json=as_json)


@app.command()
def compare(
    recipe: Recipe,
    changes: Changes = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help="A first look: an eighth of the budget, half of the measuring. Conclude nothing from it."
        ),
    ] = False,
    out: Page = None,
    as_json: AsJson = False,
) -> None:
    """Let every method climb one reward model from one policy, and see what the true reward says.

    Each stage is kept in the recipe's folder: stopped, the same command goes on with the next, and a changed recipe
    makes again what hangs on the change.
    """
    need_torch()
    from openbook.cli.align_compare import compared

    compared(recipe, changes or (), quick=quick, out=out, as_json=as_json)
