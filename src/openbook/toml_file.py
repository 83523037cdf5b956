"""The table of a TOML file that a person wrote, held to bounds while it is read, each fault in one line.

``what`` is in the file, as "recipe", for the errors, all of which are OpenbookErrors.
"""

import tomllib
from pathlib import Path
from typing import Any

from openbook.errors import OpenbookError
from openbook.json_lines import shortened


def toml_table(path: Path, what: str, most: int) -> dict[str, Any]:
    """most: bytes."""
    return parsed(content_of(path, what, most), path, what)


def content_of(path: Path, what: str, most: int) -> bytes:
    """The file as it is, for whoever keeps its digest too."""
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except FileNotFoundError:
        raise OpenbookError(f"there is no {what} {path}: check the spelling") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = getattr(error, "strerror", None) or error
        raise OpenbookError(f"cannot read the {what} {path} ({why}): check the path") from None
    if len(content) > most:
        raise OpenbookError(f"{path} is over {most:,} bytes, too large for a {what}: give one, with nothing else in it")
    return content


def parsed(content: bytes, path: Path, what: str) -> dict[str, Any]:
    """Its table; path: where it was read."""
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise OpenbookError(f"{path} is not UTF-8: convert it, for example with iconv") from None
    except tomllib.TOMLDecodeError as error:
        raise OpenbookError(f"{path} is not valid TOML, mend it: {shortened(str(error), 120)}") from None
    except (RecursionError, ValueError):  # tables nested by the thousand, numbers of thousands of digits
        raise OpenbookError(f"{path} is no {what}: its values are nested too deeply or too long") from None
