"""The writer by itself, on prompts that ``ask`` made: what temperature does to it, and what its unsureness tells."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks.publish import columns, with_interval
from openbook.answer.write import Drafting, said_in
from openbook.evaluate.auroc_interval import newcombe
from openbook.evaluate.calibration import auroc
from openbook.evaluate.equivalence import bidirectional, entailment, same_words
from openbook.evaluate.intervals import Interval, bootstrap_mean
from openbook.evaluate.semantic_entropy import length_normalised, meanings, predictive_entropy, semantic_entropy
from openbook.generate.many import many
from openbook.generate.samples import Sample, samples
from openbook.generate.writer import ModelWriter
from openbook.protocols import LanguageModel
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.values import Decoding, Prompt

TEMPERATURES = (0.0, 0.5, 1.0, 1.5)
SEEDS = (0, 1, 2)
SAMPLES = 10
"""Of one prompt, at temperature 1 (Farquhar et al. 2024 take ten)."""
MOST_TOKENS = 120

Right = Callable[[str], bool]


def temperature_table(
    drafting: Drafting, prompts: Sequence[Prompt], right: Sequence[Right], pages: Sequence[str], figures: list[Figure]
) -> Table:
    """The share of drafts that hold an answer, and that a shown sentence backs, at each temperature."""
    rows: list[tuple[str, ...]] = []
    for temperature in TEMPERATURES:
        seeds = SEEDS if temperature else SEEDS[:1]
        drafts = [_drafts(_model(drafting), prompts, temperature, seed) for seed in seeds]
        holding = [_mean([float(is_right(of[n])) for of in drafts]) for n, is_right in enumerate(right)]
        backed = [_mean([_backed(drafting, prompt, of[n]) for of in drafts]) for n, prompt in enumerate(prompts)]
        wordings = _mean([float(len({of[n] for of in drafts})) for n in range(len(prompts))])
        cells = [f"{temperature:g}", str(len(prompts) * len(seeds))]
        for title, scores in (("an answer stands in it", holding), ("backed", backed)):
            found = bootstrap_mean(scores, groups=pages)
            assert found is not None
            figures.append(
                Figure(f"temperature {temperature:g}: {title}", found.value, "", found.low, found.high, found.n)
            )
            cells.append(with_interval(found, 2))
        rows.append((*cells, f"{wordings:.1f} of {len(seeds)}"))
    return Table(
        "The writer by temperature",
        columns("temperature", "drafts", "an answer stands in it", "sentences backed", "wordings"),
        tuple(rows),
        "Answerable questions that ask answers. Backed: of a draft's sentences, by a sentence that it was shown. "
        "Wordings: different drafts of one prompt. 95% intervals over pages.",
    )


def signals_table(
    drafting: Drafting,
    prompts: Sequence[Prompt],
    right: Sequence[Right],
    confidence: Sequence[float],
    figures: list[Figure],
) -> Table:
    """AUROC of each signal for the draft at temperature 0 being right, which is what would be shown."""
    model = _model(drafting)
    drafts = _drafts(model, prompts, 0.0, 0)
    outcomes = [float(is_right(draft)) for is_right, draft in zip(right, drafts, strict=True)]
    drawn = [samples(model, prompt, SAMPLES, Decoding(max_tokens=MOST_TOKENS, temperature=1.0)) for prompt in prompts]
    means_same = bidirectional(entailment(drafting.support))
    signals: Mapping[str, Sequence[float]] = {
        "confidence of ask": confidence,
        "support of the draft": [_support(drafting, prompt, of) for prompt, of in zip(prompts, drafts, strict=True)],
        "semantic entropy, by support": [-_entropy(of, means_same) for of in drawn],
        "semantic entropy, by words": [-_entropy(of, same_words) for of in drawn],
        "entropy of wordings": [-predictive_entropy([_log(one) for one in of]) for of in drawn],
    }
    positives = int(sum(outcomes))
    rows: list[tuple[str, ...]] = []
    for name, values in signals.items():
        area = auroc(list(values), outcomes)
        found: Interval | None = None if area is None else newcombe(area, positives, len(outcomes) - positives)
        if found is not None:
            figures.append(Figure(f"AUROC, {name}", found.value, "", found.low, found.high, found.n))
        rows.append((name, with_interval(found, 2)))
    return Table(
        "Which drafts are right?",
        columns("signal", "AUROC"),
        tuple(rows),
        f"{len(outcomes)} drafts at temperature 0, {positives} right: an answer stands in them. Entropies of {SAMPLES} "
        "samples at temperature 1. .5 is chance.",
    )


def _model(drafting: Drafting) -> LanguageModel:
    writer = drafting.writer
    assert isinstance(writer, ModelWriter)
    return writer.model


def _drafts(model: LanguageModel, prompts: Sequence[Prompt], temperature: float, seed: int) -> list[str]:
    decoding = Decoding(max_tokens=MOST_TOKENS, temperature=temperature, seed=seed)
    return ["".join(t.text for t in of).strip() for of in many(model, [(prompt, decoding) for prompt in prompts])]


def _backed(drafting: Drafting, prompt: Prompt, draft: str) -> float:
    """The share of the draft's sentences that a document of the prompt backs."""
    shown = [part.text for part in prompt if part.role == "document"]
    found = [any(s.backed for s in drafting.support(sentence, shown)) for sentence, _ in said_in(draft)]
    return _mean([float(one) for one in found]) if found else 0.0


def _support(drafting: Drafting, prompt: Prompt, draft: str) -> float:
    """Of the draft's least backed sentence, the best logit."""
    shown = [part.text for part in prompt if part.role == "document"]
    return min((max(s.score for s in drafting.support(said, shown)) for said, _ in said_in(draft)), default=-50.0)


def _entropy(of: Sequence[Sample], equivalent: Callable[[str, str], bool]) -> float:
    texts = [one.text.strip() or "." for one in of]
    return semantic_entropy(meanings(texts, equivalent), [_log(one) for one in of])


def _log(one: Sample) -> float:
    assert one.logprobs is not None
    return length_normalised(one.logprobs)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
