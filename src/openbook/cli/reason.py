"""``openbook reason``: one question, answered at once, in steps, after examples, by vote, or by the best of several."""

from typing import Annotated

import typer

from openbook.cli.options import AsJson
from openbook.cli.reasoning_options import (
    Examples,
    HowRead,
    Longest,
    Model,
    ReadingName,
    Seed,
    StrategyName,
    Temperature,
    Texts,
)


def reason(
    model: Model,
    question: Annotated[str, typer.Argument(help="What to answer; `-` reads standard input.")],
    strategy: Annotated[StrategyName, typer.Option(help="How it is reached.")] = StrategyName.cot,
    n: Texts = 8,
    examples: Examples = None,
    reading: HowRead = ReadingName.number,
    max_tokens: Longest = 512,
    temperature: Temperature = 0.7,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Answer one question by a reasoning strategy: its steps, how the texts voted or scored, and the tokens spent.

    direct asks for the answer alone, cot for steps first; few-shot shows worked examples, few-shot-answers no steps.
    self-consistency takes the answer that most of N texts reach, best-of-n that of the text the model finds likeliest.

    Exit code: 0 answered, 2 bad usage or input, 3 no answer could be read.
    """
    from openbook.cli.progress import waiting
    from openbook.cli.reasoning import how_of, strategy_of
    from openbook.cli.show_reasoned import as_data, show_reasoned
    from openbook.cli.typed import print_json, read_question
    from openbook.generate.open import open_model
    from openbook.generate.reasoning.by_name import check_strategy, reasoned
    from openbook.values import TRUSTED, Part

    chosen = strategy_of(strategy.value, n)
    how = how_of(chosen, reading.value, examples, max_tokens=max_tokens, temperature=temperature, seed=seed)
    check_strategy(chosen, how)
    asked = (Part(read_question(question), TRUSTED, "user"),)
    opened = open_model(model)
    with waiting("reasoning", quiet=as_json):
        found = reasoned(opened, asked, chosen, how)
    if as_json:
        print_json(as_data(opened.name, found))
    else:
        show_reasoned(found)
    if found.answer is None:
        raise typer.Exit(3)
