"""Is a small reward model better than counting words, or characters? On people's choices between two replies.

Pairs of hh-rlhf's harmless set, a prompt cut to its last turn. Three parts, disjoint in the first turns of their
conversations, are each kept apart once, and everything learns from the same pairs of the rest. The reward models start
from the shipped writer, a decoder of 10 million parameters (or --base FOLDER), one setting each, none chosen by its
result. Writes evidence/reward_human.json, or with --dry nothing. No text of the set is ever printed.
Run: python -m benchmarks.reward_human [--base FOLDER] [--dry] [--steps N] [--seeds N]
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.data import data_file
from benchmarks.preference_baselines import Scorer, by_length, by_words
from benchmarks.publish import columns, publish, with_interval
from openbook import tokens
from openbook.align.groups import Group
from openbook.align.preferences import Pair, read_pairs, write_pairs
from openbook.align.reward_head import RewardModel, rewards
from openbook.align.reward_model import load
from openbook.align.reward_recipe import Loss, PairData, RewardRecipe
from openbook.align.reward_report import RewardReport, report
from openbook.align.reward_run import run
from openbook.align.transcripts import TURN
from openbook.evaluate.intervals import bootstrap_mean
from openbook.evaluate.significance import holm, paired_randomisation
from openbook.report.record import Figure
from openbook.report.tables import Column, Table
from openbook.tokens import Tokenizer
from openbook.train.base_folder import WRITER, base_folder
from openbook.train.finetune_recipe import Base
from openbook.train.lora_targets import LoraConfig
from openbook.train.recipe import Optimiser, Out, Schedule, Train
from openbook.train.watch import Watch

PAIRS = "preference/hh_harmless_train.jsonl.gz"
BASE = WRITER
PARTS, SEEDS, STEPS, BATCH = 5, 3, 44, 16
LORA = LoraConfig(rank=8, alpha=16.0)
TOKENS = 1024
"""In one pass: a core's caches hold what so many need, and four times as many took twice as long."""
LENGTH, WORDS, MORE_WORDS = "length alone", "words alone", "words alone, all pairs"
FULL, ADAPTED = "reward model, all weights", "reward model, LoRA"
SYSTEMS = (LENGTH, WORDS, MORE_WORDS, FULL, ADAPTED)

Scores = NDArray[np.float64]
"""(pairs, 2): of the preferred reply and of the other."""


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--base", default=BASE)
    arguments.add_argument("--steps", type=int, default=STEPS)
    arguments.add_argument("--seeds", type=int, default=SEEDS, choices=range(1, PARTS + 1))
    arguments.add_argument("--dry", action="store_true")
    asked = arguments.parse_args()
    base: str = asked.base
    torch.set_num_threads(1)
    tokenizer = tokens.load(base_folder(base) / "tokenizer.json")
    pairs = [_last_turn(pair) for pair in read_pairs(data_file(PAIRS))]
    part = parts(pairs)
    tested: list[Pair] = []
    found: dict[str, list[Scores]] = {name: [] for name in SYSTEMS}
    seconds: dict[str, float] = dict.fromkeys(SYSTEMS, 0.0)
    for seed in range(asked.seeds):
        held = [pair for pair, number in zip(pairs, part, strict=True) if number == seed]
        rest = [pair for pair, number in zip(pairs, part, strict=True) if number != seed]
        mixed = [rest[n] for n in np.random.default_rng(seed).permutation(len(rest))]
        with tempfile.TemporaryDirectory() as place:
            for name, score in systems(mixed, base, tokenizer, Path(place), asked.steps, seed).items():
                since = time.perf_counter()
                found[name].append(score()(held))
                seconds[name] += time.perf_counter() - since
        tested += held
    scores = {name: np.concatenate(each) for name, each in found.items()}
    figures, tables = shown(scores, tested, tokenizer, seconds, asked.steps * BATCH, asked.seeds)
    publish(
        "reward_human",
        figures,
        tables,
        data=[PAIRS],
        code=["src/openbook/align", "src/openbook/model", "src/openbook/weights/writer"],
        seeds=list(range(asked.seeds)),
        versions={"torch": metadata.version("torch")},
        **({"folder": None} if asked.dry else {}),
    )


def _last_turn(pair: Pair) -> Pair:
    return Pair(pair.prompt[max(0, pair.prompt.rfind("Human:")) :], pair.chosen, pair.rejected, id=pair.prompt)


def first_turn(pair: Pair) -> str:
    return pair.id.split(TURN)[0]


def parts(pairs: Sequence[Pair]) -> list[int]:
    """Which of five parts a pair is in; conversations that begin alike are in one."""
    begins = sorted({first_turn(pair) for pair in pairs})
    order = np.random.default_rng(0).permutation(len(begins)) % PARTS
    of = dict(zip(begins, order.tolist(), strict=True))
    return [of[first_turn(pair)] for pair in pairs]


def systems(
    pairs: Sequence[Pair], base: str, tokenizer: Tokenizer, place: Path, steps: int, seed: int
) -> Mapping[str, Callable[[], Callable[[Sequence[Pair]], Scores]]]:
    """By name, what fits a system, when it is called, and gives what scores pairs."""
    learnt = pairs[: steps * BATCH]

    def texts(score: Scorer) -> Callable[[Sequence[Pair]], Scores]:
        return lambda held: np.array([[score(pair.chosen), score(pair.rejected)] for pair in held])

    def model(lora: LoraConfig | None) -> Callable[[Sequence[Pair]], Scores]:
        scorer = trained(learnt, base, place / ("lora" if lora else "full"), lora, steps, seed)
        return lambda held: rewards(scorer, [group_of(tokenizer, scorer, pair) for pair in held]).reshape(-1, 2)

    return {
        LENGTH: lambda: texts(by_length(learnt)),
        WORDS: lambda: texts(by_words(learnt)),
        MORE_WORDS: lambda: texts(by_words(pairs)),
        FULL: lambda: model(None),
        ADAPTED: lambda: model(LORA),
    }


def trained(
    pairs: Sequence[Pair], base: str, place: Path, lora: LoraConfig | None, steps: int, seed: int
) -> RewardModel:
    place.mkdir()
    write_pairs(place / "pairs.jsonl", pairs)
    recipe = RewardRecipe(
        base=Base(base),
        data=PairData(str(place / "pairs.jsonl"), validation=0.0),
        reward=Loss(tokens=TOKENS),
        lora=lora,
        optimiser=Optimiser(rate=1e-3 if lora else 2e-4, weight_decay=0.0),
        schedule=Schedule(kind="cosine", warmup=min(5, steps), floor=0.05),
        train=Train(steps=steps, batch=BATCH, seed=seed, threads=1, device="cpu"),
        out=Out(str(place / "run"), evaluate_every=0, checkpoint_every=0),
    )

    def ignored(_: object) -> None: ...

    result = run(recipe, Watch(ignored, ignored, ignored), ignored)
    if result.weights is None:
        raise SystemExit("interrupted: nothing was measured")
    return load(result.weights)


def group_of(tokenizer: Tokenizer, scorer: RewardModel, pair: Pair) -> Group:
    """Cut to what the model reads: the last of the prompt, the first of a reply."""
    prompt, *replies = tokenizer.ids_batch([pair.prompt, pair.chosen, pair.rejected])
    context, end = scorer.model.config.context, tokenizer.id_of(scorer.end)
    cut = [np.array([*reply[: context // 2], end]) for reply in replies]
    return Group(np.array(prompt[-(context - max(map(len, cut))) :]), tuple(cut))


def shown(
    scores: Mapping[str, Scores],
    pairs: Sequence[Pair],
    tokenizer: Tokenizer,
    seconds: Mapping[str, float],
    learnt: int,
    seeds: int,
) -> tuple[list[Figure], dict[str, Table]]:
    begins = [first_turn(pair) for pair in pairs]
    sizes = [tuple(map(len, tokenizer.ids_batch([pair.chosen, pair.rejected]))) for pair in pairs]
    lengths = np.array(sizes, dtype=np.float64).T
    right = {name: _right(each) for name, each in scores.items()}
    reports = {n: report(s[:, 0], s[:, 1], (lengths[0], lengths[1]), begins) for n, s in scores.items()}
    shares = {name: bootstrap_mean(each, groups=begins) for name, each in right.items()}
    figures = [
        Figure(f"right, {name}", share.value, low=share.low, high=share.high, n=share.n)
        for name, share in shares.items()
        if share is not None
    ]
    rows = tuple((name, with_interval(shares[name]), f"{seconds[name] / seeds:,.1f}") for name in SYSTEMS)
    note = (
        f"{len(pairs):,} pairs, each kept apart once; {learnt:,} learnt from, {seeds} times. 95% intervals, bootstrap "
        "over conversations. s: seconds to learn and score, a time."
    )
    accuracy = Table("Which reply did people prefer?", columns("", "right", "s"), rows, note)
    return figures, {"accuracy": accuracy, "tests": _tests(right, begins), "length": _of_length(reports)}


def _tests(right: Mapping[str, list[float]], begins: Sequence[str]) -> Table:
    """Reward models against what needs no reading; who wins is said only where the test says so."""
    compared = [(model, other) for model in (FULL, ADAPTED) for other in (LENGTH, WORDS, MORE_WORDS)]
    found = [paired_randomisation(right[model], right[other], groups=begins) for model, other in compared]
    adjusted = holm([each.p_value for each in found])
    rows = tuple(
        (model, other, f"{each.difference:+.3f}", f"{p:.3f}", _verdict(each.difference, p))
        for (model, other), each, p in zip(compared, found, adjusted, strict=True)
    )
    heads = (Column(""), Column("against"), *(Column(name, "right") for name in ("difference", "p")), Column(""))
    note = "Difference in the share right; p: paired randomisation of conversations, Holm over the six."
    return Table("Is it better than what needs no reading?", heads, rows, note)


def _verdict(difference: float, p: float) -> str:
    if p > 0.05:
        return "none shown"
    return "better" if difference > 0 else "worse"


def _right(scores: Scores) -> list[float]:
    """1 where the preferred reply scores higher, ½ where both score alike."""
    margin = scores[:, 0] - scores[:, 1]
    return [float(0.5 * (1 + np.sign(each))) for each in margin]


def _of_length(reports: Mapping[str, RewardReport]) -> Table:
    heads = (Column(""), *(Column(n, "right") for n in ("longer preferred", "shorter", "ρ length", "ECE")))
    rows = tuple(
        (
            name,
            with_interval(found.longer, 2),
            with_interval(found.shorter, 2),
            "–" if found.length is None else f"{found.length:+.2f}",
            f"{found.error:.3f}",
        )
        for name, found in reports.items()
    )
    note = (
        "Right where the preferred reply is the longer, and where it is the shorter. ρ: Spearman's of score and size. "
        "ECE: expected calibration error of σ(margin)."
    )
    return Table("What is owed to length", heads, rows, note)


if __name__ == "__main__":
    main()
