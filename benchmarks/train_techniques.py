"""The memory and speed techniques of training, one added at a time: tokens a second, peak memory, and the loss reached.

A 7-million-parameter decoder with a vocabulary of 8,192 on GSM8K's questions, which are short documents; every row is a
fresh process and trains as many rows. Writes evidence/train_techniques.json. Run: python -m benchmarks.train_techniques
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from benchmarks.data import ROOT, read_rows
from benchmarks.publish import columns, publish
from openbook.report.record import Figure
from openbook.report.tables import Table

TEXT = "reasoning/gsm8k_train.jsonl.gz"
STEPS = 40
BARE = {
    "data.pack": "false",
    "train.chunked_loss": "false",
    "optimiser.fused": "false",
    "train.precision": "fp32",
    "train.attention": "fused",
    "train.checkpointing": "false",
    "train.compile": "no",
}
ADDED = (
    ("none of them", {}),
    ("packing", {"data.pack": "true"}),
    ("chunked cross-entropy", {"train.chunked_loss": "true"}),
    ("fused optimiser", {"optimiser.fused": "true"}),
    ("bf16", {"train.precision": "bf16"}),
    ("plain attention kernel", {"train.attention": "plain"}),
    ("compiled blocks", {"train.compile": "blocks"}),
    ("checkpointing", {"train.checkpointing": "true"}),
)
RECIPE = """
[data]
path = "corpus.jsonl"
tokenizer = "tokenizer.json"
end = "<|endoftext|>"
validation = 0.05
[model]
layers = 6
heads = 4
width = 256
context = 256
[optimiser]
rate = 1e-3
[schedule]
warmup = 10
[train]
batch = 8
[out]
folder = "run"
evaluate_every = 0
checkpoint_every = 0
"""


def one(folder: Path, number: int, settings: Mapping[str, str]) -> dict[str, float]:
    """Tokens a second after the first ten steps, peak MB, and the validation loss at the end."""
    changes = [f"{key}={value}" for key, value in settings.items()]
    command = [
        sys.executable,
        "-m",
        "benchmarks.train_techniques",
        str(folder),
        f"out.folder={folder / f'run-{number}'}",
        *changes,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(ADDED[number][0], found, file=sys.stderr)
    return found


def work(folder: Path, changes: list[str]) -> None:
    """In the process of its own."""
    from openbook import recipes
    from openbook.train.recipe import TrainRecipe
    from openbook.train.run import run
    from openbook.train.watch import Watch

    table = [f"data.path={folder / 'corpus.jsonl'}", f"data.tokenizer={folder / 'tokenizer.json'}"]
    recipe = recipes.read(folder / "recipe.toml", TrainRecipe, [*table, f"train.steps={STEPS}", *changes])
    rows: list[Mapping[str, float]] = []

    def ignore(_: object) -> None: ...

    result = run(recipe, Watch(ignore, ignore, rows.append))
    first, last = (next(row for row in rows if row["step"] == step and "loss" in row) for step in (10, STEPS))
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = {
        "rate": (last["tokens"] - first["tokens"]) / (last["seconds"] - first["seconds"]),
        "megabytes": int(status.split("VmHWM:")[1].split()[0]) / 1024,
        "loss": result.validation_loss,
        "tokens": result.tokens,
    }
    print(json.dumps(found))


def main() -> None:
    from openbook.tokens import train_bpe

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = [str(row["question"]) for row in read_rows(TEXT)]
        (folder / "corpus.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        train_bpe(texts, 8192).save(folder / "tokenizer.json")
        (folder / "recipe.toml").write_text(RECIPE)
        settings = dict(BARE)
        found: list[dict[str, float]] = []
        for number, (_, added) in enumerate(ADDED):
            settings |= added
            found.append(one(folder, number, settings))
    figures = [
        Figure(f"{name} {what}", run[key], unit)
        for (name, _), run in zip(ADDED, found, strict=True)
        for what, key, unit in (("tokens/s", "rate", ""), ("peak MB", "megabytes", "MB"), ("loss", "loss", "nats"))
    ]
    rows = tuple(
        (
            name if not number else f"+ {name}",
            f"{run['rate']:,.0f}",
            f"{run['rate'] / found[0]['rate']:.2f}x",
            f"{run['megabytes']:.0f} MB",
            f"{run['tokens']:,.0f}",
            f"{run['loss']:.3f}",
        )
        for number, ((name, _), run) in enumerate(zip(ADDED, found, strict=True))
    )
    note = (
        f"{STEPS} steps of 8 rows of 256 tokens, each line of the table with those above it. Tokens/s counts targets, "
        "not padding, after ten steps, so that compiling is left out. Memory: peak resident of the process. Loss: on "
        "validation documents."
    )
    names = columns("", "tokens/s", "speed", "memory", "learnt from", "loss")
    publish(
        "train_techniques",
        figures,
        {"train techniques": Table("One technique at a time", names, rows, note)},
        data=[TEXT],
        code=["src/openbook/train", "src/openbook/model"],
        versions={"torch": metadata.version("torch")},
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        work(Path(sys.argv[1]), sys.argv[2:])
    else:
        main()
