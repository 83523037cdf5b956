"""A model's own chat template, run with a stand-in for each message: what it sets around them, and nothing of them.

The words of a message never pass through the template. So they cannot change what it writes, and what it wrote is known
to be the template's: only that may become control tokens.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias, cast

import openbook
from openbook.errors import MissingExtra, OpenbookError
from openbook.generate.chat import Message, Speaker, without_system
from openbook.json_lines import shortened

LONGEST = 100_000
"""Characters; the longest template in use has about 20,000."""

_LARGEST_FILE = 20_000_000
"""Bytes: a tokenizer_config.json repeats every added token."""

_SECONDS = 10.0

Written: TypeAlias = tuple[tuple[str, bool], ...]
"""Texts in order; true for what the template wrote, which alone may hold control tokens."""


@dataclass(frozen=True, slots=True)
class Template:
    """where: the file, for errors. values: the special tokens that a template may name, such as bos_token."""

    source: str
    where: str
    values: tuple[tuple[str, str], ...] = ()


def find_template(folder: Path) -> Template | None:
    """The one that the folder states, ready to run. Raises MissingExtra where jinja2 is not installed."""
    found = stated_template(folder)
    if found is not None and find_spec("jinja2") is None:
        raise MissingExtra("this model's chat template", "generate")
    return found


def stated_template(folder: Path) -> Template | None:
    """That of chat_template.jinja, or of tokenizer_config.json; None where the model has none.

    Raises OpenbookError where one cannot be read.
    """
    said = read_object(folder / "tokenizer_config.json")
    own = folder / "chat_template.jinja"
    source, where = _chosen(said.get("chat_template")), folder / "tokenizer_config.json"
    if own.is_file():
        source, where = _text(own, 4 * LONGEST), own
    if not source:
        return None
    if len(source) > LONGEST:
        raise OpenbookError(f"the chat template in {where} has over {LONGEST:,} characters: use a shorter one")
    values = ((name, token_text(found)) for name, found in said.items() if name.endswith("_token"))
    return Template(source, str(where), tuple((name, text) for name, text in values if text))


def written(template: Template, messages: tuple[Message, ...]) -> Written:
    """The whole conversation up to where the model speaks. A template without a system's turn gets it as the user's.

    Raises OpenbookError where the template refuses the conversation, leaves a message out, or does not end.
    """
    frame = _frame(template, tuple(message.role for message in messages))
    if frame.refusal:
        merged = without_system(messages)
        if merged == messages:
            raise OpenbookError(f"{template.where} takes no such conversation: {frame.refusal}")
        return written(template, merged)
    return tuple((messages[p].text, False) if isinstance(p, int) else (p, True) for p in frame.pieces)


def read_object(path: Path) -> Mapping[str, Any]:
    """The JSON object in a file of a model's folder; empty where there is no such file. Raises OpenbookError."""
    if not path.is_file():
        return {}
    try:
        found: Any = json.loads(_text(path, _LARGEST_FILE))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise OpenbookError(f"{path} is no JSON object: copy or download it again")
    return cast("Mapping[str, Any]", found)


def token_text(found: object) -> str:
    """A special token as tokenizer_config.json names it: by its text, or as an object with it; else empty."""
    if isinstance(found, dict):
        found = cast("dict[str, object]", found).get("content")
    return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a template writes around messages, and the place of each by its number; or why it does not take them."""

    pieces: tuple[str | int, ...] = ()
    refusal: str = ""


@lru_cache(64)
def _frame(template: Template, roles: tuple[Speaker, ...]) -> _Frame:
    key = hashlib.sha256(template.source.encode("utf-8", "replace")).hexdigest()[:24]
    marks = [f"message{key}n{number}e" for number in range(len(roles))]
    messages = [{"role": role, "content": mark} for role, mark in zip(roles, marks, strict=True)]
    answer = _run(template, messages)
    if "text" not in answer:
        return _Frame(refusal=shortened(str(answer.get("refused")), 120) or "it does not say why")
    parts = re.split(f"message{key}n([0-9]+)e", str(answer["text"]))
    pieces = [int(part) if place % 2 else part for place, part in enumerate(parts)]
    if set(range(len(roles))) - {piece for piece in pieces if isinstance(piece, int)}:
        return _Frame(refusal="it leaves a message out")
    return _Frame(tuple(piece for piece in pieces if piece != ""))


def _run(template: Template, messages: list[dict[str, str]]) -> dict[str, Any]:
    """The worker's answer: a text, or why there is none."""
    package_parent = str(Path(openbook.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, (package_parent, os.environ.get("PYTHONPATH"))))
    request = {"template": template.source, "messages": messages, "values": dict(template.values)}
    try:
        done = subprocess.run(
            # -P: a file of the current folder must not pass for a module
            [sys.executable, "-P", "-m", "openbook.generate.template_worker"],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path},
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OpenbookError(f"the chat template in {template.where} does not end: use another model") from None
    except OSError as error:
        raise OpenbookError(f"the process that runs chat templates cannot be started ({error})") from error
    try:
        return dict(json.loads(done.stdout))
    except ValueError:
        raise OpenbookError(f"the chat template in {template.where} cannot be run: use another model") from None


def _chosen(found: object) -> str:
    """A template may be one text, or several by name, of which the one for chats is called default."""
    if isinstance(found, list):
        named = [cast("dict[str, object]", one) for one in cast("list[object]", found) if isinstance(one, dict)]
        found = next((one.get("template") for one in named if one.get("name") == "default"), None)
    return found if isinstance(found, str) else ""


def _text(path: Path, most: int) -> str:
    from openbook.report.files import read_bounded

    return read_bounded(path, most)
