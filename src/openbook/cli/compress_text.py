"""The text that two models are compared on, and how much of it the model's tokenizer has no word for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openbook.errors import OpenbookError
from openbook.json_lines import BadData
from openbook.tokens import Tokenizer
from openbook.tokens.compare import Measured, measured
from openbook.tokens.corpus import Text, read


@dataclass(frozen=True, slots=True)
class Sources:
    """What ``--text`` named, or the handbook, and how a table calls it."""

    named: Sequence[str]

    @property
    def where(self) -> str:
        return ", ".join(self.named) or "the handbook"

    def texts(self) -> Iterator[Text]:
        """Raises OpenbookError where nothing can be read."""
        return read(self.named or (_handbook(),))


class Unseen:
    """Counts, text by text, what the tokenizer does not know: as unknown tokens, or where it has none, as characters
    that do not come back.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer, self._counts = tokenizer, Measured()

    def add(self, text: str, ids: Sequence[int]) -> None:
        self._counts.add(measured(self._tokenizer, text, ids))

    @property
    def share(self) -> float:
        return self._counts.lost_rate if self._tokenizer.unknown is None else self._counts.unknown_rate


def warning(share: float, where: str) -> str | None:
    """One line, where there is something to say."""
    if not share:
        return None
    shown = f"{share:.1%}" if share >= 0.001 else "under 0.1%"
    return f"{shown} of {where} is unknown to the model's tokenizer: compare on text of the kind it was made for"


def _handbook() -> str:
    from openbook.labs.labelled import handbook

    try:
        return str(handbook())
    except BadData:
        raise OpenbookError("there is no handbook/ here to compare on: name your own text with --text") from None
