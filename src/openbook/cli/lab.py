"""``openbook lab``: measured experiments that answer "which one, and when?" on anyone's own data."""

import typer

from openbook.cli.lab_chain_of_thought import chain_of_thought
from openbook.cli.lab_discriminative_generative import discriminative_generative
from openbook.cli.lab_hallucination import hallucination
from openbook.cli.lab_lost_in_the_middle import lost_in_the_middle

app = typer.Typer(
    no_args_is_help=False,
    invoke_without_command=True,
    rich_markup_mode="markdown",
    help="Measured experiments that answer *which one, and when?* Without a name: the list of them.",
    epilog="""Examples:

`openbook lab chain-of-thought --quick`

`openbook lab discriminative-generative --quick`

`openbook lab discriminative-generative --data reviews.jsonl.gz --label-field stars --out report/`

`openbook lab hallucination --quick --out report/`

`openbook lab lost-in-the-middle --quick`""",
)


@app.callback()
def _listed(context: typer.Context) -> None:  # pyright: ignore[reportUnusedFunction]  # typer calls it
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


for command in (chain_of_thought, discriminative_generative, hallucination, lost_in_the_middle):
    app.command(command.__name__.replace("_", "-"))(command)
