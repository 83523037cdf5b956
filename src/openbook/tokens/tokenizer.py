"""The tokenizer in use: any tokenizer.json on the ``tokenizers`` library, safe for text that somebody else typed."""

import json
import re
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openbook.report.files import write_whole
from openbook.tokens import definition as definitions
from openbook.tokens.control import control_tokens, disarmed
from openbook.tokens.definition import Definition
from openbook.tokens.encoding import Encoding, well_formed
from openbook.tokens.problems import TokenProblem

if TYPE_CHECKING:
    from tokenizers import Tokenizer as Engine

Special = bool | Collection[str]
"""Which control tokens a text may write: none (False), all (True), or these."""

_FEW = 8  # sets of allowed tokens kept ready: a program uses one or two


class Tokenizer:
    """Immutable. ``where`` is how errors name it."""

    __slots__ = ("_allowing", "_definition", "_ids", "_names", "_whole", "control", "size", "where")

    def __init__(self, definition: Definition, where: str = "this tokenizer") -> None:
        """Raises TokenProblem where the definition cannot be one; truncation and padding in it are left aside."""
        self._definition = definitions.check(definition, where)
        self._whole = _engine(self._definition, where)
        self._ids: dict[str, int] = self._whole.get_vocab(with_added_tokens=True)
        self._names = {number: piece for piece, number in self._ids.items()}
        self._allowing = lru_cache(_FEW)(self._twin)
        self.where = where
        self.size = max(self._names) + 1
        """Rows of an embedding table for it: the largest id, plus 1."""
        self.control = frozenset(token for token in control_tokens(self._definition) if token in self._ids)
        """The control tokens, which a text can only write where ``special`` says so."""

    @property
    def kind(self) -> str:
        """BPE, WordPiece, Unigram or WordLevel."""
        return str(self._definition["model"]["type"])

    @property
    def definition(self) -> Definition:
        """A copy of what ``save`` writes."""
        copied: Definition = json.loads(json.dumps(self._definition))
        return copied

    def encode(self, text: str, special: Special = False) -> Encoding:
        """The text's tokens, nothing set before or after it. A lone surrogate is read as U+FFFD."""
        engine, names = self._allowing(self._forbidden(special))
        with _said(self.where):
            return _encoding(engine.encode(well_formed(text), add_special_tokens=False), names)

    def encode_batch(self, texts: Sequence[str], special: Special = False) -> list[Encoding]:
        """Each text's tokens, on all cores."""
        engine, names = self._allowing(self._forbidden(special))
        with _said(self.where):
            found = engine.encode_batch([well_formed(text) for text in texts], add_special_tokens=False)
        return [_encoding(one, names) for one in found]

    def ids_batch(self, texts: Sequence[str], special: Special = False) -> list[list[int]]:
        """Each text's ids alone, which is faster: for corpora."""
        engine, _ = self._allowing(self._forbidden(special))
        with _said(self.where):
            found = engine.encode_batch_fast([well_formed(text) for text in texts], add_special_tokens=False)
        return [one.ids for one in found]

    def ids_of_parts(self, parts: Iterable[tuple[str, bool]]) -> list[int]:
        """The ids of several texts read as one, their borders no hindrance to a merge; only what is marked true may
        write control tokens, and no text can complete one that another began.
        """
        engine, names = self._allowing(self.control)
        added = {token["content"] for token in self._definition["added_tokens"]}
        secret = {token: name for name, token in names.items() if token in added}
        control = re.compile("|".join(re.escape(token) for token in sorted(secret, key=len, reverse=True)) or "(?!)")
        texts = ((well_formed(text), steers) for text, steers in parts)
        whole = "".join(control.sub(lambda m: secret[m.group()], text) if steers else text for text, steers in texts)
        with _said(self.where):
            return engine.encode(whole, add_special_tokens=False).ids

    def decode(self, ids: Iterable[int], special: bool = False) -> str:
        """The text of the ids; control tokens are left out, or with ``special`` written. TokenProblem for no id."""
        kept: list[int] = []
        for number in ids:
            if number not in self._names:
                raise TokenProblem(f"{self.where} has no piece with id {number}: its ids run from 0 to {self.size - 1}")
            if special or self._names[number] not in self.control:
                kept.append(number)
        with _said(self.where):
            return self._whole.decode(kept, skip_special_tokens=False)

    def id_of(self, piece: str) -> int:
        """The id of a piece as the vocabulary writes it, control tokens included. TokenProblem if it has none."""
        if piece not in self._ids:
            raise TokenProblem(f"{self.where} has no piece {piece!r}")
        return self._ids[piece]

    @property
    def ids(self) -> Collection[int]:
        """Every id that has a piece; there may be gaps between them."""
        return self._names.keys()

    @property
    def unknown(self) -> int | None:
        """The id for what is not in the vocabulary, if there is one."""
        model = self._definition["model"]
        return self._ids.get(str(model["unk_token"])) if model.get("unk_token") else model.get("unk_id")

    def __len__(self) -> int:
        """How many pieces there are, control tokens included."""
        return len(self._ids)

    def __contains__(self, piece: str) -> bool:
        return piece in self._ids

    def words(self, text: str) -> list[tuple[str, tuple[int, int]]]:
        """What the model is given, piece by piece of the cut before it: normalised words, as ``steps`` takes them.

        Spans are those of the normalised text.
        """
        plain = well_formed(text)
        normalised = self._whole.normalizer.normalize_str(plain) if self._whole.normalizer else plain
        if self._whole.pre_tokenizer is None:
            return [(normalised, (0, len(normalised)))]
        return self._whole.pre_tokenizer.pre_tokenize_str(normalised)

    def save(self, path: Path) -> None:
        """Write tokenizer.json, whole or not at all."""
        write_whole(path, json.dumps(self._definition, ensure_ascii=False) + "\n")

    def _forbidden(self, special: Special) -> frozenset[str]:
        if isinstance(special, bool):
            return frozenset() if special else self.control
        unknown = sorted(set(special) - self.control)
        if unknown:
            raise TokenProblem(
                f"{unknown[0]!r} is no control token of {self.where}: it has {sorted(self.control)[:20]}"
            )
        return self.control - set(special)

    def _twin(self, forbidden: frozenset[str]) -> "tuple[Engine, Mapping[str, str]]":
        if not forbidden:
            return self._whole, {}
        twin, names = disarmed(self._definition, forbidden)
        return _engine(twin, self.where), names


def _engine(definition: Definition, where: str) -> "Engine":
    from tokenizers import Tokenizer as Engine

    with _said(where):
        return Engine.from_str(json.dumps(definition, ensure_ascii=False))


@contextmanager
def _said(where: str) -> Generator[None]:
    """What the library cannot do, as one line. It raises bare Exception, and for its own failures one outside of it."""
    try:
        yield
    except Exception as error:
        raise TokenProblem(f"{where} cannot be used: {' '.join(str(error).split())[:160]}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise TokenProblem(f"{where} cannot be used: the tokenizers library failed on it") from error


def _encoding(found: Any, names: Mapping[str, str]) -> Encoding:
    pieces = [names.get(piece, piece) for piece in found.tokens] if names else found.tokens
    return Encoding(tuple(found.ids), tuple(found.offsets), tuple(pieces))
