"""``openbook eval text``: overlap and embedding measures of texts against references."""

from enum import StrEnum
from typing import Annotated

import typer

from openbook.cli.options import AsJson, Page


class Tokens(StrEnum):
    """How BLEU cuts texts."""

    wmt = "13a"
    international = "intl"
    characters = "char"
    blanks = "none"


class Smoothing(StrEnum):
    """What stands for an order of n-grams that nothing matches."""

    exp = "exp"
    floor = "floor"
    add_k = "add-k"
    none = "none"


_MEASURES = (
    "bleu, chrf, chrf++, rouge1 … rougeLsum, which are the default; bertscore, bertscore-p, bertscore-r, similarity, "
    "which a model reads; all."
)


def text(
    hypotheses: Annotated[str, typer.Argument(metavar="HYP", help="The texts to judge, one a line; `-`: piped in.")],
    references: Annotated[list[str], typer.Argument(metavar="REF...", help="Their references, line by line.")],
    measure: Annotated[list[str] | None, typer.Option("--measure", "-m", metavar="NAME", help=_MEASURES)] = None,
    against: Annotated[
        str | None, typer.Option(metavar="FILE", help="Another system's texts: compare, and test the difference.")
    ] = None,
    tokens: Annotated[Tokens, typer.Option(help="BLEU: how texts are cut.")] = Tokens.wmt,
    smoothing: Annotated[Smoothing, typer.Option(help="BLEU: what stands for no match.")] = Smoothing.exp,
    lowercase: Annotated[bool, typer.Option("--lowercase", help="BLEU and chrF: capitals do not count.")] = False,
    stem: Annotated[bool, typer.Option("--stem", help="ROUGE: words by Porter's stems.")] = False,
    idf: Annotated[bool, typer.Option("--idf", help="BERTScore: rare tokens of the references weigh more.")] = False,
    rescale: Annotated[
        bool, typer.Option("--rescale", help="BERTScore: 0 is what unrelated lines of these files score.")
    ] = False,
    worst: Annotated[int, typer.Option(metavar="N", min=0, max=100, help="Show the N texts that score least.")] = 3,
    out: Page = None,
    as_json: AsJson = False,
) -> None:
    """BLEU, chrF, ROUGE, BERTScore and similarity of texts against one or more references, with 95 % intervals.

    BLEU, chrF and ROUGE equal sacreBLEU and rouge_score. Files are UTF-8, one text a line, of any length.
    """
    from openbook.cli.eval_input import Asked, judged
    from openbook.cli.eval_page import write_judged
    from openbook.cli.page_out import check_page
    from openbook.cli.show_eval import as_data, show_judged
    from openbook.cli.typed import print_json
    from openbook.evaluate.bleu import BleuSettings
    from openbook.evaluate.chrf import ChrfSettings
    from openbook.evaluate.overlap import OverlapSettings

    check_page(out)
    overlap = OverlapSettings(
        BleuSettings(tokens.value, smoothing.value, lowercase=lowercase), ChrfSettings(lowercase=lowercase), stem
    )
    found = judged(Asked(hypotheses, references, against, measure, overlap, idf, rescale, worst), quiet=as_json)
    write_judged(out, hypotheses, against, found)
    if as_json:
        print_json(as_data(found))
    else:
        show_judged(found, hypotheses, against)
