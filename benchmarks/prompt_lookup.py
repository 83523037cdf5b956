"""Does drafting a text from itself pay? Text that copies beside ordinary text, with and without prompt lookup.

A small character model is trained here: half of what it reads is Shakespeare, half a passage and the same passage
again. It then copies passages kept from training, and goes on with others. Both ways write the same characters, which
is checked. Writes evidence/prompt_lookup.json. Run: python -m benchmarks.prompt_lookup [--model FOLDER]
"""

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import numpy as np

from benchmarks.data import read_rows
from benchmarks.publish import columns, publish, with_interval
from openbook import tokens
from openbook.compress.decoder_folder import Compression, compress_decoder
from openbook.evaluate.intervals import Interval, bootstrap_mean
from openbook.generate.local import LocalModel
from openbook.generate.onnx_engine import open_onnx
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.values import TRUSTED, Decoding, Part, Prompt

DATA = "lm/tinyshakespeare.jsonl.gz"
WAYS = {"FP32": Compression("fp32"), "INT8": Compression("int8"), "INT4": Compression("int4")}
CONTEXT, PASSAGE, AGAIN = 256, 110, "\n=\n"
STEPS, BATCH, RATE = 1_200, 16, 1.5e-3
TEXTS, ROUNDS, THREADS = 12, 3, 2
KEPT = 0.1
"""The last share of the text, which is kept from training."""


def train(text: str, folder: Path) -> None:
    """A decoder of 1.1 million parameters that has seen passages twice."""
    import torch

    from openbook.model import Decoder, DecoderConfig
    from openbook.model.checkpoint import save
    from openbook.train.characters import alphabet, tokenizer_json

    torch.manual_seed(0)
    torch.set_num_threads(THREADS)
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text(tokenizer_json(alphabet([text, AGAIN])))
    tokenizer = tokens.load(folder)
    ids = torch.tensor(tokenizer.ids_batch([text])[0])
    between = torch.tensor(tokenizer.ids_batch([AGAIN])[0])
    model = Decoder(DecoderConfig(vocabulary=tokenizer.size, width=128, layers=4, heads=4, inner=344, context=CONTEXT))
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=STEPS, pct_start=0.1)
    for step in range(STEPS):
        rows: list[torch.Tensor] = []
        for row, start in enumerate(torch.randint(len(ids) - CONTEXT, (BATCH,)).tolist()):
            passage = ids[start : start + PASSAGE]
            rows.append(
                torch.cat([passage, between, passage]) if row % 2 else ids[start : start + 2 * PASSAGE + len(between)]
            )
        batch = torch.stack(rows)
        loss = torch.nn.functional.cross_entropy(
            model.logits(model(batch[:, :-1])).flatten(0, 1), batch[:, 1:].flatten()
        )
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step}: {loss.item():.3f}", file=sys.stderr)
    save(folder, model)


def prompts(text: str) -> dict[str, list[Prompt]]:
    kept = text[-int(len(text) * KEPT) :]
    starts = np.linspace(0, len(kept) - 2 * PASSAGE, TEXTS).astype(int)
    passages = [kept[start : start + PASSAGE] for start in starts]
    return {
        "copying": [(Part(passage + AGAIN + passage[:8], TRUSTED, "user"),) for passage in passages],
        "ordinary": [(Part(passage, TRUSTED, "user"),) for passage in passages],
    }


def timed(model: LocalModel, prompt: Prompt) -> tuple[list[int], float]:
    """What is written, and characters a second, the prompt's reading included."""
    started = time.perf_counter()
    found = [token.id for token in model.stream(prompt, Decoding(PASSAGE - 8))]
    return found, len(found) / (time.perf_counter() - started)


def ratios(plain: LocalModel, asked: list[Prompt]) -> tuple[float, float, Interval | None]:
    """Characters a second without and with lookup, and how many times as fast it is, by text."""
    drafted = replace(plain, lookup=True)
    speeds = np.zeros((2, len(asked), ROUNDS))
    for turn in range(ROUNDS):
        for number, prompt in enumerate(asked):
            first, speeds[0, number, turn] = timed(plain, prompt)
            second, speeds[1, number, turn] = timed(drafted, prompt)
            assert first == second, "lookup changed what is written"
    middle = np.median(speeds, axis=2)
    return float(np.median(middle[0])), float(np.median(middle[1])), bootstrap_mean((middle[1] / middle[0]).tolist())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, help="a checkpoint that an earlier run trained")
    given = parser.parse_args()
    text = "".join(row["text"] for row in read_rows(DATA))
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder: Path = given.model or Path(scratch) / "model"
        if not folder.is_dir():
            train(text[: -int(len(text) * KEPT)], folder)
        for way, how in WAYS.items():
            compress_decoder(folder, Path(scratch) / way, how)
            model = open_onnx(Path(scratch) / way, THREADS)
            for kind, asked in prompts(text).items():
                plain, drafted, times = ratios(model, asked)
                figures += [
                    Figure(f"{way}, {kind}: without", plain, "/s"),
                    Figure(f"{way}, {kind}: with", drafted, "/s"),
                ]
                if times is not None:
                    figures.append(
                        Figure(f"{way}, {kind}: times as fast", times.value, "", times.low, times.high, TEXTS)
                    )
                rows.append((way, kind, f"{plain:,.0f}", f"{drafted:,.0f}", with_interval(times, 2)))
    note = (
        f"Characters a second on {THREADS} cores, the prompt's reading included, medians over {TEXTS} texts and "
        f"{ROUNDS} rounds; times as fast by text, with 95% intervals over texts. Both ways wrote the same characters."
    )
    table = Table("Prompt lookup", columns("weights", "text", "without", "with", "times as fast"), tuple(rows), note)
    publish(
        "prompt_lookup",
        figures,
        {"speed": table},
        data=[DATA],
        code=[],
        versions={"torch": metadata.version("torch")},
    )


if __name__ == "__main__":
    main()
