"""Prompts and answers to fine-tune on: read from JSON lines, turned into tokens, and packed into rows. The loss counts
the answers alone.

A line is {"prompt": ..., "answer": ...}, or {"messages": [{"role": ..., "content": ...}, ...]}, of which every message
of the assistant is an answer. The text that the model sees is plain: a prompt is put into ``template``, by default
followed by a line break; a message is a line "role: content". Every answer ends with the end token, if there is one.
"""

import gzip
import json
import zlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar, cast

import numpy as np
import torch
from numpy.typing import NDArray

from openbook.tokens import Tokenizer
from openbook.train.batches import Batch
from openbook.train.loss import IGNORED
from openbook.train.problems import TrainProblem

PLACE = "{prompt}"
_LONGEST_LINE = 2**24
_MOST = 2**24
_ROLES = ("system", "user", "assistant")

Part = tuple[str, bool]
"""A piece of text, and whether it is an answer."""


@dataclass(frozen=True, slots=True)
class Example:
    """ids: (tokens,); counts: (tokens,) bool, true on the tokens of an answer."""

    ids: NDArray[np.int64]
    counts: NDArray[np.bool_]


def read(path: Path, template: str) -> Generator[list[Part]]:
    """Every line's parts in order. Raises TrainProblem for what is no such line."""
    if template.count(PLACE) != 1:
        raise TrainProblem(f"data.template is {template!r}, and must hold {PLACE} once")
    if not path.is_file():
        raise TrainProblem(f"there is no file {path}: set data.path to a .jsonl file of prompts and answers")
    try:
        with _opened(path) as lines:
            number = 0
            while line := lines.readline(_LONGEST_LINE):
                number += 1
                if len(line) == _LONGEST_LINE or number > _MOST:
                    raise TrainProblem(f"{path} has too long a line or too many: at most {_LONGEST_LINE:,} characters")
                if not line.isspace():
                    yield _parts(line, template, f"line {number} of {path}")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise TrainProblem(
            f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"
        ) from error


def encoded(parts: Sequence[Part], tokenizer: Tokenizer, end: str) -> Example:
    """The parts' tokens one after another. Nothing that a text writes becomes a control token; only ``end`` is one."""
    ending = [tokenizer.id_of(end)] if end else []
    ids: list[int] = []
    counts: list[bool] = []
    for (text, answer), found in zip(parts, tokenizer.ids_batch([text for text, _ in parts]), strict=True):
        del text
        tokens = [*found, *(ending if answer else [])]
        ids += tokens
        counts += [answer] * len(tokens)
    return Example(np.array(ids, dtype=np.int64), np.array(counts, dtype=np.bool_))


def fitting(examples: Sequence[Example], context: int) -> list[Example]:
    """Those that the model can read whole, and that have a token to predict."""
    return [e for e in examples if 2 <= e.ids.size <= context + 1 and e.counts[1:].any()]


def packed(lengths: Sequence[int], room: int) -> list[list[int]]:
    """Which examples share a row: first fit, the longest first (Johnson 1973: near 11/9 of the fewest rows)."""
    rows: list[list[int]] = []
    left: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda n: (-lengths[n], n)):
        place = next((row for row, free in enumerate(left) if free >= lengths[number]), None)
        if place is None:
            rows.append([])
            left.append(room)
            place = len(rows) - 1
        rows[place].append(number)
        left[place] -= lengths[number]
    return rows


def batch_of(examples: Sequence[Example], context: int) -> Batch:
    """The examples packed in rows of at most ``context`` tokens, a little longer than the fullest row needs."""
    lengths = [example.ids.size - 1 for example in examples]
    rows = packed(lengths, context)
    wide = min(context, rounded(max(sum(lengths[number] for number in row) for row in rows)))
    ids = np.zeros((len(rows), wide), dtype=np.int64)
    targets = np.full((len(rows), wide), IGNORED, dtype=np.int64)
    documents = np.zeros((len(rows), wide), dtype=np.int64)  # 0 is the padding after the last
    for row, numbers in enumerate(rows):
        start = 0
        for place, number in enumerate(numbers, start=1):
            example, end = examples[number], start + lengths[number]
            ids[row, start:end] = example.ids[:-1]
            targets[row, start:end] = np.where(example.counts[1:], example.ids[1:], IGNORED)
            documents[row, start:end] = place
            start = end
    count = int(np.count_nonzero(targets != IGNORED))
    return Batch(torch.as_tensor(ids), torch.as_tensor(targets), torch.as_tensor(documents), count)


def rounded(width: int) -> int:
    """The next of few widths, at most a quarter above: a CPU's kernels are made anew, and kept, for every new one.

    Over 40 steps of LoRA on a 30M model, whose rows all differed, this made a step a quarter shorter.
    """
    step = max(16, 1 << width.bit_length() >> 3)
    return -(-width // step) * step


@dataclass(frozen=True, slots=True)
class Answers:
    """Examples as the training loop takes them: a batch is a pure function of seed and step.

    A "row" of the loop is an example here; how many rows of tensors they fill depends on how they pack.
    """

    examples: Sequence[Example]
    context: int

    unit: ClassVar[str] = "tokens"

    def training(self, seed: int, step: int, rows: int, first: int, last: int) -> Batch:
        """Examples ``first`` to ``last`` of the ``rows`` of a step; each epoch has its own order."""
        return batch_of([self._visited(seed, step * rows + number) for number in range(first, last)], self.context)

    def evaluation(self, first: int, last: int) -> Batch:
        """Examples ``first`` to ``last``, in order."""
        return batch_of(self.examples[first:last], self.context)

    @property
    def evaluations(self) -> int:
        return len(self.examples)

    @property
    def visits(self) -> int:
        """How many examples an epoch has."""
        return len(self.examples)

    @property
    def tokens(self) -> int:
        return sum(example.ids.size for example in self.examples)

    def _visited(self, seed: int, number: int) -> Example:
        epoch, place = divmod(number, len(self.examples))
        return self.examples[int(np.random.default_rng([seed, epoch]).permutation(len(self.examples))[place])]


def _parts(line: str, template: str, where: str) -> list[Part]:
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise TrainProblem(f"{where} is not JSON: mend or remove it") from None
    row = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    prompt, answer, messages = row.get("prompt"), row.get("answer"), row.get("messages")
    if isinstance(prompt, str) and isinstance(answer, str):
        before, after = template.split(PLACE)
        return [(before + prompt + after, False), (answer, True)]
    if isinstance(messages, list) and messages:
        return [part for message in cast("list[Any]", messages) for part in _message(message, where)]
    raise TrainProblem(f"{where} has neither texts in prompt and answer nor a list of messages: mend or remove it")


def _message(message: object, where: str) -> list[Part]:
    fields = cast("dict[str, Any]", message) if isinstance(message, dict) else {}
    role, content = fields.get("role"), fields.get("content")
    if role not in _ROLES or not isinstance(content, str):
        raise TrainProblem(f"{where} has a message without a text as content or a role of {', '.join(_ROLES)}")
    if role == "assistant":
        return [("assistant: ", False), (content, True), ("\n", False)]
    return [(f"{role}: {content}\n", False)]


def _opened(path: Path) -> IO[str]:
    if path.name.endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8", newline="\n")
    return path.open(encoding="utf-8", newline="\n")
