"""``openbook tokens``: train a tokenizer, see what one does to a text, compare several on your own documents."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson

app = typer.Typer(no_args_is_help=True, help="Train, see and compare tokenizers: byte-level BPE and WordPiece.")


class Kind(StrEnum):
    """What can be trained."""

    bpe = "bpe"
    wordpiece = "wordpiece"


Corpus = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH...", help="Folders, files, http(s) pages; .jsonl with text, and language if you like."
    ),
]
Files = Annotated[
    list[Path] | None,
    typer.Option(
        "--tokenizer", "-t", metavar="FILE", help="tokenizer.json, vocab.txt, vocab.json with merges.txt, or a folder."
    ),
]
Size = Annotated[int, typer.Option("--size", metavar="N", min=1, help="Pieces of the vocabulary, at most.")]


@app.command()
def train(
    corpus: Corpus,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where tokenizer.json is written.")],
    kind: Annotated[Kind, typer.Option(help="Byte-level BPE as GPT-2's, or WordPiece as BERT's.")] = Kind.bpe,
    size: Size = 8000,
    cased: Annotated[bool, typer.Option("--cased", help="WordPiece: keep capitals and accents.")] = False,
    as_json: AsJson = False,
) -> None:
    """Learn a vocabulary from documents, and write it as tokenizer.json.

    The file loads here, in `tokenizers` and in transformers' PreTrainedTokenizerFast.
    """
    from openbook.cli.show_tokens import show_trained
    from openbook.cli.tokens_input import trained
    from openbook.cli.typed import print_json

    done = trained(corpus, kind.value, size, cased=cased, out=out)
    if as_json:
        print_json(done)
    else:
        show_trained(done)


@app.command()
def show(
    text: Annotated[str, typer.Argument(help="What to cut; `-` reads it from standard input.")],
    tokenizer: Files = None,
    steps: Annotated[bool, typer.Option("--steps", help="Each merge of a BPE, each match a WordPiece tries.")] = False,
    special: Annotated[bool, typer.Option("--special", help="Let the text write control tokens.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the pieces of a text with their ids and places.

    Without --tokenizer: a BPE trained on the handbook, and the WordPiece that the shipped encoder reads with.
    """
    from openbook.cli.show_tokens import show_pieces
    from openbook.cli.tokens_input import cut, opened
    from openbook.cli.typed import print_json, read_question

    rows = cut(read_question(text), opened(tokenizer), steps=steps, special=special)
    if as_json:
        print_json([row.as_json() for row in rows])
    else:
        for row in rows:
            show_pieces(row)


@app.command()
def compare(
    corpus: Corpus,
    tokenizer: Files = None,
    size: Size = 8000,
    as_json: AsJson = False,
) -> None:
    """Compare BPE with WordPiece on your documents, and with any tokenizer file.

    Both learn from one half of the passages; all are measured on the other half.
    """
    from openbook.cli.show_tokens import show_comparison
    from openbook.cli.tokens_input import compared
    from openbook.cli.typed import print_json

    found = compared(corpus, tokenizer, size)
    if as_json:
        print_json(found.as_json())
    else:
        show_comparison(found)
