"""Whether a whole output is what a JSON schema asks for: the last check, whatever engine wrote it.

A local engine masks what the schema rules out and can still be cut off; a server may not heed the schema at all.
"""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from openbook.errors import MissingExtra, OpenbookError
from openbook.json_lines import shortened

Check: TypeAlias = Callable[[str], str]
"""An output to why it does not match, in a few words; to the empty string where it matches."""

_SHOWN = 100
_TOO_DEEP = "the output is nested too deeply to be checked"


def check_of(schema: dict[str, Any]) -> Check:
    """By the draft that the schema names, else 2020-12. References outside of the schema are not fetched.

    Raises OpenbookError where it is no schema, and MissingExtra where jsonschema is not installed.
    """
    try:
        from jsonschema import Draft202012Validator, SchemaError, exceptions
        from jsonschema.validators import validator_for
        from referencing import Registry
        from referencing.exceptions import Unresolvable
    except ImportError:
        raise MissingExtra("output checked against a schema", "generate") from None
    kind: Any = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        why = _at(error) + shortened(error.message, _SHOWN)
        raise OpenbookError(f"this is no JSON schema ({why}): mend it") from None
    except RecursionError:
        raise OpenbookError("the schema is nested too deeply: give a simpler one") from None
    nothing_else: Registry[Any] = Registry()
    validator: Any = kind(schema, registry=nothing_else)
    errors: Any = exceptions  # its types are partly unknown

    def check(text: str) -> str:
        try:
            found: Any = json.loads(text, parse_constant=_refused)
        except ValueError:
            return f"it is no JSON: {shortened(text, _SHOWN) or 'nothing was written'}"
        except RecursionError:
            return _TOO_DEEP
        try:
            first: Any = errors.best_match(validator.iter_errors(found))
        except RecursionError:
            return _TOO_DEEP
        except Unresolvable as error:
            return f"the schema refers to {shortened(str(error.ref))}, which is not in it"
        return "" if first is None else _at(first) + shortened(first.message, _SHOWN)

    return check


def _at(error: Any) -> str:
    """``at $.address.street: ``; nothing for the whole."""
    return "" if error.json_path == "$" else f"at {shortened(error.json_path)}: "


def _refused(constant: str) -> None:
    """NaN and the infinities, which JSON has not."""
    raise ValueError(constant)
