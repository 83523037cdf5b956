"""The trained writer as the INT8 folder that is shipped, with its card and the form that it reads.

Run: python -m openbook.heads.writer_ship MODEL FOLDER
"""

import argparse
import sys
from pathlib import Path

from openbook.compress.decoder_folder import Added, Compression, compress_decoder
from openbook.errors import OpenbookError
from openbook.heads.free_text import FREE
from openbook.heads.sets import SETS
from openbook.heads.writer_data import PEOPLE, TEXTS

CARD = """# Writer

A decoder of 10 million parameters, trained from scratch: a question and up to six numbered sentences in, one sentence
that answers out, with the number of the one it rests on; or "The passages do not say." It knows nothing by itself and
follows no instructions. INT8 in blocks of 32.

## Recipe

`make writer`: recipes/writer-base.toml on free text and cloze drafts, then recipes/writer.toml on people's questions,
whose answers are the sentence that holds the marked answer, shortened by leaving clauses out. English alone. Only the
training part of each set was learnt from. Measured by `python -m benchmarks.writer`: evidence/writer.json.

## Known failures

It copies: a sentence that shares the question's words and does not answer is often taken for the answer. Names that its
8,192 pieces spell in many parts may come out wrong. Every sentence it drafts is checked against the passages before it
is shown as an answer.

## Learnt from

| set | licence |
|---|---|
"""


def ship(model: Path, folder: Path) -> None:
    """Write the folder. Raises OpenbookError."""
    licences = {name: SETS[name].licence if name in SETS else FREE[name][2] for name in (*PEOPLE, *TEXTS)}
    card = CARD + "".join(f"| {name} | {licence} |\n" for name, licence in licences.items())
    compress_decoder(model, folder, Compression(), Added({"prompt": "grounded"}, {"README.md": card.encode()}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    try:
        ship(given.model, given.folder)
    except OpenbookError as error:
        sys.exit(f"openbook: {error}")


if __name__ == "__main__":
    main()
