"""Several outputs of one model side by side: each is what it is alone, and a weight that is read serves all rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from openbook.generate.local import LocalModel
from openbook.generate.memory import OverMemory
from openbook.generate.sampling import Scores
from openbook.generate.stop import until
from openbook.generate.text import MOST_CHARACTERS
from openbook.generate.writing import Writing
from openbook.protocols import LanguageModel
from openbook.values import Decoding, Prompt, Token

ROWS = 16
"""At a time: more share a weight's reading among more, and take more memory."""


@dataclass(slots=True)
class _Output:
    """One row. tail: of its text, as much as a stop text may have begun in."""

    writing: Writing
    decoding: Decoding
    written: list[Token] = field(default_factory=list[Token])
    tail: str = ""
    stopped: bool = False

    @property
    def open(self) -> bool:
        return not self.stopped and self.writing.left > 0

    def take(self, scores: Scores) -> None:
        token = self.writing(scores)
        if token is not None:
            self.written.append(token)
            text = self.tail + token.text
            self.stopped = any(stop in text for stop in self.decoding.stop)
            longest = max(map(len, self.decoding.stop), default=1)
            self.tail = text[max(len(text) - longest + 1, 0) :]

    @property
    def tokens(self) -> list[Token]:
        return list(until([*self.written, self.writing.ending()], self.decoding.stop))


def many(
    model: LanguageModel,
    asked: Sequence[tuple[Prompt, Decoding]],
    on_done: Callable[[int], object] = lambda _: None,
) -> list[list[Token]]:
    """The tokens of each output, in order, equal to those of ``stream``. on_done: told how many are done so far.

    Rows run together on a model whose engine computes each by itself; any other model is asked for one after the other.
    """
    found: list[list[Token]] = []
    together = ROWS if isinstance(model, LocalModel) and model.rows is not None else 1
    while len(found) < len(asked):
        part = asked[len(found) : len(found) + together]
        try:
            if isinstance(model, LocalModel) and len(part) > 1:
                found += _together(model, part)
            else:
                found += [_bounded(model.stream(prompt, decoding)) for prompt, decoding in part]
        except OverMemory:
            if len(part) == 1:
                raise
            together = len(part) // 2
        on_done(len(found))
    return found


def _together(model: LocalModel, asked: Sequence[tuple[Prompt, Decoding]]) -> list[list[Token]]:
    assert model.rows is not None
    outputs = [_Output(model.writing(prompt, decoding), decoding) for prompt, decoding in asked]
    prompts = [output.writing.ids for output in outputs]
    rows, scores = model.rows(prompts, [output.writing.room for output in outputs])
    alive = list(outputs)
    for output, row in zip(alive, scores, strict=True):
        output.take(row)
    while any(output.open for output in alive):
        places = [place for place, output in enumerate(alive) if output.open]
        if 2 * len(places) <= len(alive):  # moving rows costs as much as some steps, so not for each that ends
            rows.keep(places)
            alive = [alive[place] for place in places]
        found = rows.step([output.writing.ids[-1] if output.open else None for output in alive])
        for output, row in zip(alive, found, strict=True):
            if output.open:
                output.take(row)
    return [output.tokens for output in outputs]


def _bounded(tokens: Iterable[Token]) -> list[Token]:
    """An engine that does not stop by itself is stopped."""
    found: list[Token] = []
    length = 0
    for token in tokens:
        found.append(token)
        length += len(token.text)
        if length >= MOST_CHARACTERS:
            break
    return found
