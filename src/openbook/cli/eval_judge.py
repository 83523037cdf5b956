"""``openbook eval judge``: a language model scores texts, or chooses between two."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson


class Method(StrEnum):
    """How it is judged."""

    geval = "geval"
    pairwise = "pairwise"
    rubric = "rubric"


class Steps(StrEnum):
    """Where evaluation steps come from that a criterion does not bring along."""

    model = "model"
    none = "none"


def judge(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="JSON lines: candidate, or first and second; source, reference, human."),
    ],
    model: Annotated[
        str, typer.Option("--model", "-m", metavar="SPEC", help="onnx:DIR, torch:DIR or http://HOST/v1#NAME.")
    ],
    criteria: Annotated[
        list[str] | None,
        typer.Option(
            "--criteria",
            "-c",
            metavar="NAME|FILE.toml",
            help="coherence, consistency, fluency, relevance, groundedness, or your own.  [default: the first four, "
            "without a source coherence and fluency]",
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        Method | None, typer.Option(help="By default geval, for pairs pairwise.", show_default=False)
    ] = None,
    steps: Annotated[
        Steps,
        typer.Option(
            help="Evaluation steps, where a criterion has none. A small model may write poor ones: give your own in a "
            "criteria file, or none."
        ),
    ] = Steps.model,
    samples: Annotated[
        int, typer.Option(min=1, max=100, help="Replies drawn where the model gives no log-probabilities.")
    ] = 20,
    worst: Annotated[int, typer.Option(metavar="N", min=0, max=100, help="Show the N worst of each criterion.")] = 3,
    cache: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where replies are kept.", show_default=False)
    ] = None,
    replay: Annotated[bool, typer.Option("--replay", help="Only what is recorded; the model is not opened.")] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="Say what it would take, and ask nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Make more than 500 calls.")] = False,
    price_in: Annotated[float, typer.Option(metavar="X", min=0, max=1e6, help="Per million tokens read.")] = 0.0,
    price_out: Annotated[float, typer.Option(metavar="X", min=0, max=1e6, help="Per million written.")] = 0.0,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FILE.jsonl", help="Keep the judgements, for judge-audit.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page, worst cases too.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A language model as judge: G-Eval scores, pairs in both orders, rubrics; every reply kept and replayable.

    A line of FILE: candidate (or first and second), and where known source, reference, human (a score, or scores by
    criterion), human_choice, id, doc_id, system. Texts under judgement cannot give orders; what looks like an attempt
    is flagged.

    Exit code: 0 judged, also where some replies could not be read; 2 where none could, and for bad usage or input.
    """
    from dataclasses import asdict

    from openbook.cli.audit_names import with_short_names
    from openbook.cli.judge_estimate import in_words, only_planned, plan_data
    from openbook.cli.judge_rows import beside_people, check_rows, rows, write_rows
    from openbook.cli.judge_unread import refuse_unread
    from openbook.cli.judge_wanted import Wanted
    from openbook.cli.judging import judged
    from openbook.cli.page_out import check_page, write_page
    from openbook.cli.show_judged import page_sections, show_judged
    from openbook.cli.typed import print_json
    from openbook.evaluate.judge.estimate import Prices

    check_page(out)
    check_rows(save)
    prices = Prices(price_in, price_out)
    wanted = Wanted(
        model,
        tuple(criteria or ()),
        method.value if method else None,
        steps is Steps.model,
        samples,
        cache,
        replay,
        yes,
        prices,
        as_json,
    )
    if estimate:
        plan = only_planned(file, wanted)
        if as_json:
            print_json(plan_data(plan, prices))
        else:
            typer.echo(in_words(plan, prices))
        return
    found = judged(file, wanted)
    beside = beside_people(found)
    shown = with_short_names(beside)
    write_page(out, f"Judged by {found.name}", page_sections(found, shown, max(worst, 10), prices))
    if as_json:
        print_json(
            {
                "judge": found.name,
                "method": found.method,
                "criteria": [asdict(criterion) for criterion in found.criteria],
                "judgements": rows(found),
                "agreements": [asdict(one) for one in beside.agreements],
                "swaps": [asdict(one) for one in beside.swaps],
                "tally": asdict(found.tally),
            }
        )
    else:
        show_judged(found, shown, worst, prices)
    write_rows(save, found)
    refuse_unread(found)
