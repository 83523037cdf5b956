"""Are outputs held to random JSON schemas always valid? jsonschema judges what a small random model writes.

Schemas of objects, arrays, tuples, enums, constants, strings with pattern, format or length, bounded numbers, anyOf and
references, nested; some with what a library may not know, which must then be refused before a token is written. Sampled
at temperatures 1 and 1.5 from a decoder of random weights, which would write anything. Writes evidence/schemas.json.
Run: python -m benchmarks.schemas [--schemas N]
"""

import argparse
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from benchmarks.drawn_schemas import Held, held
from benchmarks.publish import columns, publish
from openbook import tokens
from openbook.compress.decoder_folder import Compression, compress_decoder
from openbook.evaluate.intervals import wilson
from openbook.generate.local import LocalModel
from openbook.generate.onnx_engine import open_onnx
from openbook.report.record import Figure
from openbook.report.tables import Table

SCHEMAS, PART = 5_000, 250
CORPUS = ['The pear tree was planted in 1987. {"key": [1, 2.5, true, false, null]} Maß, naïve, 你好'] * 20


def model_in(folder: Path) -> LocalModel:
    """A decoder of two layers with random weights."""
    import torch

    from openbook.model import Decoder, DecoderConfig
    from openbook.model.checkpoint import save

    tokenizer = tokens.train_bpe(CORPUS, 320)
    torch.manual_seed(0)
    save(folder / "model", Decoder(DecoderConfig(tokenizer.size, 64, 2, 4, 128, 600)))
    tokenizer.save(folder / "model" / "tokenizer.json")
    compress_decoder(folder / "model", folder / "onnx", Compression("int8"))
    return open_onnx(folder / "onnx", 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemas", type=int, default=SCHEMAS)
    most: int = parser.parse_args().schemas
    found: list[Held] = []
    with tempfile.TemporaryDirectory() as folder:
        model = model_in(Path(folder))
        for start in range(0, most, PART):
            found.append(held(model, range(start, min(start + PART, most))))
            print(f"{min(start + PART, most):,} of {most:,} schemas", file=sys.stderr)
    wrong = [each for part in found for each in part.wrong]
    for number, schema, text in wrong:
        print(f"schema {number} is not held: {schema} {text!r}", file=sys.stderr)
    valid, refused, cut = (sum(getattr(part, name) for part in found) for name in ("valid", "refused", "cut"))
    share = wilson(valid, valid + len(wrong))
    figures = [
        Figure("outputs that came to their end and are valid", share.value, "", share.low, share.high, share.n),
        Figure("schemas refused before a token", refused, n=most),
        Figure("outputs cut at 400 tokens", cut, n=most),
        Figure("outputs that are not valid", len(wrong), n=valid + len(wrong)),
    ]
    rows = [
        ("schemas drawn", f"{most:,}"), ("refused before a token", f"{refused:,}"), ("cut at 400 tokens", f"{cut:,}"),
        ("valid", f"{valid:,}"), ("not valid", f"{len(wrong):,}"),
        ("share valid of those that ended", f"{share.value:.4f} ({share.low:.4f}–{share.high:.4f})"),
    ]  # fmt: skip
    note = "One sampled output a schema, temperature 1 or 1.5, random weights; jsonschema's judgement, 95% interval."
    publish(
        "schemas",
        figures,
        {"held": Table("Outputs held to random schemas", columns("", "number"), tuple(rows), note)},
        data=[],
        code=[],
        versions={name: metadata.version(name) for name in ("llguidance", "jsonschema")},
    )


if __name__ == "__main__":
    main()
