"""A small decoder, trained here on open text in a few minutes: the poorest judge that the whole way can be walked with.

And what such a model can say without writing a word: the mean log-probability of a text after another, which GPTScore
(Fu et al. 2023) takes for the text's quality.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

from benchmarks.data import read_rows
from openbook import recipes, tokens
from openbook.model import Decoder
from openbook.tokens import Tokenizer
from openbook.tokens.train import END_OF_TEXT
from openbook.train.recipe import TrainRecipe
from openbook.train.run import Result, run
from openbook.train.watch import Watch

TEXTS = ("lm/abc_news.jsonl.gz", "lm/wikitext2_valid.jsonl.gz", "lm/docs_markdown.jsonl.gz")
PIECES = 4_000
CONTEXT = 1_024
STEPS = 200
SEED = 0


def trained(folder: Path) -> Result:
    """A decoder of Llama's shape and a BPE tokenizer of the same text, in ``folder``."""
    texts = [row["text"] for name in TEXTS for row in read_rows(name)]
    (folder / "text.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    tokens.train_bpe(texts, PIECES).save(folder / "tokenizer.json")
    table = {
        "data": {
            "path": str(folder / "text.jsonl"),
            "tokenizer": str(folder / "tokenizer.json"),
            "end": END_OF_TEXT,
            "validation": 0.02,
        },
        "model": {"layers": 4, "heads": 4, "width": 192, "context": CONTEXT},
        "optimiser": {"rate": 2e-3},
        "schedule": {"warmup": 30},
        "train": {"steps": STEPS, "batch": 2, "seed": SEED},
        "out": {"folder": str(folder / "run"), "evaluate_every": 0, "checkpoint_every": 0},
    }
    began = time.monotonic()

    def told(step: int) -> None:
        if step % 50 == 0:
            print(f"training: step {step} of {STEPS}, {time.monotonic() - began:.0f} s", flush=True)

    return run(recipes.build(table, TrainRecipe, "benchmark"), Watch(lambda _: None, told, lambda _: None))


@torch.inference_mode()
def mean_log_likelihood(decoder: Decoder, tokenizer: Tokenizer, before: str, text: str) -> float:
    """(1/T) Σ log p(tᵢ | before, t₁ … tᵢ₋₁) over the text's tokens; ``before`` "" for the text alone."""
    first, then = (tokenizer.ids_batch([part])[0] for part in (before, text))
    start = [tokenizer.id_of(END_OF_TEXT), *first]
    ids = torch.tensor([[*start, *then]][:CONTEXT])
    logits = decoder.logits(decoder(ids))[0, len(start) - 1 : -1]
    return -float(cross_entropy(logits, ids[0, len(start) :]))


def cut(text: str, words: int) -> str:
    """The first words: what the context has room for."""
    return " ".join(text.split()[:words])


def parameters(decoder: Decoder) -> int:
    return sum(parameter.numel() for parameter in decoder.parameters())


def scored_by_likelihood(
    decoder: Decoder, tokenizer: Tokenizer, befores: Sequence[str], texts: Sequence[str]
) -> list[float]:
    pairs = zip(befores, texts, strict=True)
    return [mean_log_likelihood(decoder, tokenizer, before, text) for before, text in pairs]
