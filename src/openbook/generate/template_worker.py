"""The child process that runs a model's chat template, which is a program from whoever made the model.

One JSON request on standard input, one answer on standard output: the text, or why the template refused. The sandbox
keeps it from the interpreter; the parent's clock and a limit on memory end what loops or grows (``template.py``).
"""

import json
import sys
from contextlib import suppress
from typing import Any, NoReturn

MOST_CHARACTERS = 1_000_000
_MEMORY = 1_000_000_000


class _Refused(Exception):
    """The template called ``raise_exception``."""


def rendered(template: str, messages: list[dict[str, str]], values: dict[str, str]) -> str:
    """The conversation and the head of the model's turn. The filters and globals are those that transformers gives.

    ``strftime_now`` is left out: with the day in it, no prompt could be repeated. Raises _Refused, and whatever jinja
    does.
    """
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment: Any = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _refuse
    given = {**values, "messages": messages, "add_generation_prompt": True, "tools": None, "documents": None}
    return str(environment.from_string(template).render(given))


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: object) -> NoReturn:
    raise _Refused(str(message))


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # not on every platform
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    _limit_memory()
    asked = json.load(sys.stdin)
    try:
        text = rendered(asked["template"], asked["messages"], asked["values"])
        answer = {"text": text} if len(text) <= MOST_CHARACTERS else {"refused": "it writes without end"}
    except _Refused as error:
        answer = {"refused": str(error)}
    except (Exception, MemoryError) as error:  # noqa: BLE001 - the template is anyone's program; the parent reports it
        answer = {"refused": f"{type(error).__name__}: {error}"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
