"""What may be asked of a model: the bounds of a ``Decoding``, the same for every engine."""

import json
import math

from openbook.errors import OpenbookError
from openbook.values import Decoding

MOST_TOKENS = 100_000
MOST_ALTERNATIVES = 20
MOST_STOPS, LONGEST_STOP = 16, 1_000
LONGEST_PATTERN = 10_000
LARGEST_PENALTY = 100
LARGEST_SCHEMA = 100_000
"""Characters of its JSON."""


def checked(decoding: Decoding) -> Decoding:
    """The same decoding. Raises OpenbookError for a number out of its bounds."""
    for wrong, line in (
        (not 1 <= decoding.max_tokens <= MOST_TOKENS, f"max_tokens must lie in 1 to {MOST_TOKENS:,}"),
        (not 0 <= decoding.temperature < math.inf, "the temperature must be a number from 0 up"),
        (decoding.top_k < 0, "top_k must be a whole number from 0 up; 0 is for all tokens"),
        (not 0 < decoding.top_p <= 1, "top_p must be above 0 and at most 1; 1 is for all tokens"),
        (not 0 <= decoding.min_p <= 1, "min_p must lie in 0 to 1; 0 is for all tokens"),
        (
            not 0 < decoding.repetition_penalty <= LARGEST_PENALTY,
            f"the repetition penalty must be above 0 and at most {LARGEST_PENALTY}; 1 changes nothing",
        ),
        (
            decoding.pattern is not None and not 0 < len(decoding.pattern) <= LONGEST_PATTERN,
            f"a pattern has 1 to {LONGEST_PATTERN:,} characters",
        ),
        (
            decoding.pattern is not None and decoding.schema is not None,
            "an output is held to a schema or to a pattern: leave one out",
        ),
        (decoding.overflow not in ("refuse", "slide"), "what becomes of an overflow is refuse or slide"),
        (not 0 <= decoding.seed < 2**63, "the seed must be a whole number from 0 up"),
        (not 0 <= decoding.alternatives <= MOST_ALTERNATIVES, f"at most {MOST_ALTERNATIVES} alternatives are reported"),
        (len(decoding.stop) > MOST_STOPS, f"at most {MOST_STOPS} stop texts can be given"),
        (
            any(not 0 < len(stop) <= LONGEST_STOP for stop in decoding.stop),
            f"a stop text has 1 to {LONGEST_STOP} characters",
        ),
    ):
        if wrong:
            raise OpenbookError(line)
    if decoding.schema is not None:
        schema_text(decoding)
    return decoding


def schema_text(decoding: Decoding) -> str:
    """The schema as JSON. Raises OpenbookError where it is none, or too large."""
    try:
        text = json.dumps(decoding.schema, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise OpenbookError("the schema is no JSON value, or nested too deeply: give a JSON schema") from None
    if len(text) > LARGEST_SCHEMA:
        raise OpenbookError(f"the schema has {len(text):,} characters, at most {LARGEST_SCHEMA:,} are read: shorten it")
    return text
