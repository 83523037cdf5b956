"""What lies beyond accuracy, gathered at the largest size: unfamiliar texts, changed shares, texts written."""

from collections.abc import Callable, Sequence

import numpy as np

from openbook.labs.discriminative_generative.classifiers import LOGISTIC, Generative, Trained
from openbook.labs.discriminative_generative.outcome import Beyond
from openbook.labs.discriminative_generative.prior import before_and_after
from openbook.labs.discriminative_generative.sample import Floats, Part, Sample
from openbook.labs.discriminative_generative.unfamiliar import MOST, told_apart

WRITTEN = 20
"""Texts drawn for each class, to see whether another classifier recognises them; a few are shown."""

SHOWN = 2


class Gathered:
    """What lies beyond accuracy, collected seed by seed at the largest size."""

    def __init__(self) -> None:
        self.unfamiliar: dict[str, dict[str, list[float]]] = {}
        self.prior: dict[str, list[tuple[float, float]]] = {}
        self.written: dict[str, tuple[str, ...]] = {}
        self.recognised: list[float] = []

    def look(
        self,
        name: str,
        trained: Trained,
        posterior: Floats,
        drawn: Sample,
        test: Part,
        kinds: dict[str, Sequence[str]],
    ) -> None:
        old = np.full(posterior.shape[1], -np.inf)
        old[drawn.classes] = np.log(drawn.prior)
        changed = before_and_after(posterior, old, test.labels)
        if changed is not None:
            self.prior.setdefault(name, []).append(changed)
        scores: dict[str, Callable[[Sequence[str]], Floats]] = {
            f"highest P(y|x), {name}": lambda texts: trained.log_posterior(texts).max(axis=1)
        }
        if isinstance(trained, Generative):
            scores["log P(x) a token"] = trained.log_evidence_per_token
        for score, of in scores.items():
            inside = of(test.texts[:MOST])
            for kind, texts in kinds.items():
                self.unfamiliar.setdefault(score, {}).setdefault(kind, []).append(told_apart(inside, of(texts)))

    def write(self, fitted: dict[str, Trained], drawn: Sample, classes: Sequence[str], seed: int) -> None:
        """Texts of each class from the language model, and whether logistic regression names that class."""
        writer = next((one for one in fitted.values() if isinstance(one, Generative)), None)
        if writer is None:
            return
        right: list[float] = []
        for label, number in enumerate(drawn.classes.astype(int)):
            texts = writer.write(label, WRITTEN, seed)
            named = fitted[LOGISTIC.name].log_posterior(texts).argmax(axis=1)
            right.append(float((named == label).mean()))
            if seed == 0:
                self.written[classes[int(number)]] = tuple(" ".join(text.split()) for text in texts[:SHOWN])
        self.recognised.append(float(np.mean(right)))

    def found(self) -> Beyond:
        return Beyond(
            {s: {k: tuple(v) for k, v in kinds.items()} for s, kinds in self.unfamiliar.items()},
            {name: tuple(pairs) for name, pairs in self.prior.items()},
            self.written,
            tuple(self.recognised),
        )
