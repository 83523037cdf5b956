"""The pair on one backbone: a decoder with a classifier head, and the same decoder as a language model of each class.

Both have the same tokenizer, shape, start, batches, steps, learning rates and rule of choice. They differ in the loss.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from openbook.labs.discriminative_generative.classifiers import Method, score
from openbook.labs.discriminative_generative.fit import Fitting, fit
from openbook.labs.discriminative_generative.reader import Reader, reader_of, scored
from openbook.labs.discriminative_generative.sample import Floats, Sample
from openbook.model import Decoder, DecoderConfig
from openbook.train.class_conditional import (
    ClassConditional,
    conditional_loss,
    log_evidence,
    log_likelihoods,
    log_posterior,
    sample,
)
from openbook.train.classify_head import ClassifierHead, head_loss, padded

_ROWS = 128  # scored at once


@dataclass(frozen=True, slots=True)
class Backbone:
    """The decoder's shape. vocabulary: pieces of its tokenizer at most; context: tokens of a text that are read."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    inner: int = 168
    vocabulary: int = 1000
    context: int = 96
    dropout: float = 0.1

    def decoder(self, pieces: int, classes: int) -> Decoder:
        """pieces, the end of a text, and a token for each class: the same tables for both models of the pair."""
        return Decoder(
            DecoderConfig(
                pieces + 1 + classes,
                self.width,
                self.layers,
                self.heads,
                self.inner,
                self.context,
                dropout=self.dropout,
            )
        )


@dataclass(frozen=True, slots=True)
class ByHead:
    """P(y|x) from the head."""

    read: Reader
    model: ClassifierHead
    settings: dict[str, float] = field(default_factory=dict[str, float])

    @torch.no_grad()
    def log_posterior(self, texts: Sequence[str]) -> Floats:
        return scored(self.read(texts), lambda ids, lengths: torch.log_softmax(self.model(ids, lengths), dim=-1), _ROWS)


@dataclass(frozen=True, slots=True)
class ByLanguageModel:
    """P(y|x) from P(x|y) and P(y); and what those two give besides."""

    read: Reader
    model: ClassConditional
    log_prior: Tensor
    settings: dict[str, float] = field(default_factory=dict[str, float])

    def log_posterior(self, texts: Sequence[str]) -> Floats:
        return self._scored(texts, lambda likelihood: log_posterior(likelihood, self.log_prior))

    def log_evidence_per_token(self, texts: Sequence[str]) -> Floats:
        """log P(x) over the number of tokens, (texts,): how usual a text looks, whatever its length."""
        evidence = self._scored(texts, lambda likelihood: log_evidence(likelihood, self.log_prior)[:, None])
        return evidence[:, 0] / np.array([len(row) for row in self.read(texts)])

    def write(self, label: int, count: int, seed: int, temperature: float = 1.0) -> list[str]:
        """Texts drawn from P(x|y)."""
        generator = torch.Generator().manual_seed(1000 * seed + label)  # else all classes draw alike
        most = self.read.context
        rows = sample(self.model, label, count, most=most, generator=generator, temperature=temperature)
        return [self.read.tokenizer.decode(row).strip() for row in rows]

    @torch.no_grad()
    def _scored(self, texts: Sequence[str], finish: Callable[[Tensor], Tensor]) -> Floats:
        rows = max(1, 2 * _ROWS // self.model.classes)
        return scored(self.read(texts), lambda ids, lengths: finish(log_likelihoods(self.model, ids, lengths)), rows)


def pair(backbone: Backbone, fitting: Fitting) -> tuple[Method, Method]:
    """The discriminative and the generative one, ready to be fitted to samples."""

    def head(drawn: Sample, seed: int) -> ByHead:
        read = reader_of(drawn.fitted.texts, backbone.vocabulary, backbone.context)
        ids = read(drawn.fitted.texts)
        labels = torch.tensor(drawn.fitted.labels)
        fitted = fit(
            lambda: ClassifierHead(backbone.decoder(read.tokenizer.size, drawn.classes.size), drawn.classes.size),
            lambda model, batch: head_loss(model, *padded([ids[i] for i in batch]), labels[batch]),
            lambda model: score(ByHead(read, model).log_posterior(drawn.checked.texts), drawn.checked),
            [len(row) for row in ids],
            fitting,
            seed,
        )
        return ByHead(read, fitted.model, fitted.settings)

    def language_model(drawn: Sample, seed: int) -> ByLanguageModel:
        read = reader_of(drawn.fitted.texts, backbone.vocabulary, backbone.context)
        ids = read(drawn.fitted.texts)
        labels = torch.tensor(drawn.fitted.labels)
        pieces, classes = read.tokenizer.size, drawn.classes.size
        prior = torch.tensor(drawn.prior, dtype=torch.float32).log()
        fitted = fit(
            lambda: ClassConditional(backbone.decoder(pieces, classes), pieces, classes),
            lambda model, batch: conditional_loss(model, *padded([ids[i] for i in batch]), labels[batch]),
            lambda model: score(ByLanguageModel(read, model, prior).log_posterior(drawn.checked.texts), drawn.checked),
            [len(row) for row in ids],
            fitting,
            seed,
        )
        return ByLanguageModel(read, fitted.model, prior, fitted.settings)

    return (
        Method("classifier head", "discriminative", head, neural=True),
        Method("class-conditional LM", "generative", language_model, neural=True),
    )
