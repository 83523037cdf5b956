"""Output held to a JSON schema or a pattern: at each place, which tokens can still lead to a text that it allows.

``llguidance`` keeps the grammar: an automaton over text, run over the bytes of every token (Koo, Liu and He 2024).
What it rules out is masked, so that the logits decide only among what is allowed.
"""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.errors import MissingExtra, OpenbookError
from openbook.generate.dates import with_calendar
from openbook.generate.unheld import unheld_in
from openbook.json_lines import shortened
from openbook.tokens import Tokenizer
from openbook.values import Json

_SPACING: Any = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
"""As ``json.dumps`` writes it: free white space would let a model that has lost its way write nothing else."""

_FUSE = {"type": "Fuse"}
_END = "<|end of the constrained output|>"


class Grammar:
    """What llguidance needs of a tokenizer, made once: it reads the whole vocabulary."""

    def __init__(self, tokenizer: Tokenizer, ends: frozenset[int]) -> None:
        """ends: the ids that end a text. Raises MissingExtra, and OpenbookError where the tokenizer cannot be used."""
        try:
            from llguidance import LLTokenizer
        except ImportError:
            raise MissingExtra("output held to a schema", "generate") from None
        definition, self._unknown = tokenizer.definition, tokenizer.unknown
        if (definition.get("decoder") or _FUSE) == _FUSE:  # pieces as they stand: the library wants that said longer
            definition["decoder"] = {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, _FUSE]}
        self.ends = ends & frozenset(tokenizer.ids)
        if not self.ends:  # llguidance wants one; this one is no token of the model's, so it is never chosen
            flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
            definition["added_tokens"].append({"id": tokenizer.size, "content": _END, **flags, "special": True})
            self.ends = frozenset({tokenizer.size})
        try:
            self._tokenizer = LLTokenizer(json.dumps(definition), eos_token=sorted(self.ends))
        except Exception as error:  # the library raises what its own language does
            raise OpenbookError(
                f"{tokenizer.where} cannot hold an output to a schema: {shortened(str(error), 120)}"
            ) from error

    def matching(self, schema: str) -> "Constraint":
        """At the beginning of a text. Raises OpenbookError for a schema that is none, or that cannot be held to."""
        from llguidance import LLMatcher

        found: Json = json.loads(schema)
        if reason := unheld_in(found):
            raise _unheld("schema", reason)
        held = json.dumps(with_calendar(found))
        return self._at_start(lambda: LLMatcher.grammar_from_json_schema(held, overrides=_SPACING), "schema")

    def matching_pattern(self, pattern: str) -> "Constraint":
        """The same for a regular expression, which the whole text is to match."""
        from llguidance import LLMatcher

        return self._at_start(lambda: LLMatcher.grammar_from_regex(pattern), "pattern")

    def _at_start(self, grammar: Callable[[], str], what: str) -> "Constraint":
        from llguidance import LLMatcher

        try:
            matcher = LLMatcher(self._tokenizer, grammar(), log_level=0)
        except ValueError as error:
            raise _unheld(what, str(error)) from error
        if matcher.is_error():
            raise _unheld(what, matcher.get_error())
        return Constraint(matcher, self._unknown, what)


class Constraint:
    """One output in the making."""

    def __init__(self, matcher: Any, unknown: int | None, what: str) -> None:
        """unknown: the id that stands for what has no piece, which is never the way to write it. what: holds it."""
        self._matcher, self._unknown, self._what = matcher, unknown, what

    @property
    def done(self) -> bool:
        """Whether the text is whole, and nothing can follow."""
        return bool(self._matcher.is_stopped())

    def allowed(self, vocabulary: int) -> NDArray[np.bool_]:
        """(vocabulary,): true for each token that may come next."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        flags = np.unpackbits(bits, bitorder="little").astype(np.bool_)[:vocabulary]
        self._check()
        if self._unknown is not None:
            flags[self._unknown] = False
        if not flags.any():
            raise _unheld(self._what, "the model has no tokens that could write it")
        return np.pad(flags, (0, vocabulary - flags.size))

    def take(self, number: int) -> None:
        """Go on with the token that was chosen."""
        self._matcher.consume_token(number)
        self._check()

    def _check(self) -> None:
        if self._matcher.is_error():
            raise _unheld(self._what, self._matcher.get_error())


def _unheld(what: str, reason: str) -> OpenbookError:
    return OpenbookError(f"the output cannot be held to this {what}: {shortened(reason, 120)}")
