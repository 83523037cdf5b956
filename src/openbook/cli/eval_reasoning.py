"""``openbook eval reasoning``: which strategy answers a file's questions best, and at what cost in tokens."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson, Page, Save
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


def reasoning(
    model: Model,
    questions: Annotated[
        Path,
        typer.Argument(
            metavar="QUESTIONS",
            help='JSON lines {"question": …, "answer": …}; in GSM8K\'s format the answer stands behind ####.',
            show_default=False,
        ),
    ],
    strategy: Annotated[
        list[StrategyName] | None,
        typer.Option(help="Repeatable; several are compared.  [default: direct and cot]", show_default=False),
    ] = None,
    n: Texts = 8,
    examples: Examples = None,
    reading: HowRead = ReadingName.number,
    max_tokens: Longest = 512,
    temperature: Temperature = 0.7,
    seed: Seed = 0,
    first: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Only the first N questions.", show_default="all")
    ] = None,
    save: Save = None,
    page: Page = None,
    as_json: AsJson = False,
) -> None:
    """Measure reasoning strategies of one model on questions whose answers you know.

    The share right with its interval, tokens a question, votes that tie, answers that cannot be read; and whether one
    strategy is better than another, tested on the same questions. Questions that are also examples are left out.

    Exit code: 0 measured, 2 bad usage or input.
    """
    from openbook.cli.kept_reasoned import check_kept
    from openbook.cli.measuring_reasoning import Asked, measure
    from openbook.cli.page_out import check_page, write_page
    from openbook.cli.progress import counted, say
    from openbook.cli.reasoning import how_of, strategy_of
    from openbook.cli.reasoning_rows import read_questions, without_examples
    from openbook.cli.screen import plural, visible
    from openbook.cli.show_reasoning import as_data, sections, show_reasoning
    from openbook.cli.stopped_early import GOES_ON
    from openbook.cli.typed import print_json
    from openbook.generate.open import open_model
    from openbook.generate.reasoning import READINGS
    from openbook.generate.reasoning.by_name import check_strategy

    check_page(page)
    if save is not None:
        check_kept(save)
    names = list(dict.fromkeys(strategy or (StrategyName.direct, StrategyName.cot)))
    ways: list[Asked] = []
    for name in names:
        chosen = strategy_of(name.value, n)
        how = how_of(chosen, reading.value, examples, max_tokens=max_tokens, temperature=temperature, seed=seed)
        check_strategy(chosen, how)
        ways.append(Asked(chosen, how, reading.value))
    rows = read_questions(questions, READINGS[reading.value], first)
    kept = without_examples(rows, ways[0].how.examples)
    if left_out := len(rows) - len(kept):
        say(f"left out, since they are examples too: {plural(left_out, 'question')}")
    opened = open_model(model)
    try:
        with counted("reasoning", quiet=as_json) as on_question:
            found = measure(opened, [r.question for r in kept], [r.wanted for r in kept], ways, save, on_question)
    except KeyboardInterrupt:
        kept = "no answers are kept without --save FILE.jsonl"
        say(f"stopped: {kept if save is None else f'answers are kept in {save}, {GOES_ON}'}")
        raise typer.Exit(130) from None
    if found.taken:
        say(f"{plural(found.taken, 'answer')} were kept in {save}")
    if as_json:
        print_json(as_data(found))
    else:
        show_reasoning(found)
    if page is not None:
        write_page(page, f"Reasoning strategies on {visible(questions.name)}", sections(found))
