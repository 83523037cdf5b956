"""A file to a document."""

import os
from pathlib import Path

from openbook.documents.kinds import HEAD_BYTES, NotADocument, kind_of
from openbook.documents.limits import DEFAULT_LIMITS, Limits, in_megabytes
from openbook.documents.names import is_unicode, shown
from openbook.documents.open_file import open_regular
from openbook.documents.parse import parse
from openbook.errors import UnreadableSource
from openbook.values import Document


def load(path: Path, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read one file. ``uri`` is its absolute path.

    Meta: ``kind``, ``size`` in bytes, ``mtime_ns``, and by kind ``encoding``, ``headings``, ``pages``, ``line_spans``.
    Raises UnreadableSource where it is missing, empty, binary, broken, encrypted or over a limit, and MissingExtra for
    PDF and docx without their extra.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links, and this is the file's name
    name = shown(path)
    if not is_unicode(path):
        raise UnreadableSource(f"the name of {name} is not valid Unicode: rename it")
    try:
        with open_regular(path) as file:
            stat = os.fstat(file.fileno())
            # one byte more than allowed tells of a file that grows, or of one whose size says nothing, as in /proc
            data = file.read(limits.max_bytes + 1) if stat.st_size <= limits.max_bytes else b""
    except FileNotFoundError as error:
        raise UnreadableSource(f"there is no file {name}: check the spelling") from error
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UnreadableSource(f"{name} cannot be opened ({reason}): check the path and its permissions") from error
    size = max(stat.st_size, len(data))
    if size > limits.max_bytes:
        raise UnreadableSource(
            f"{name} has {in_megabytes(size)}, over the limit of {in_megabytes(limits.max_bytes)}: split it"
        )
    if not data:
        raise UnreadableSource(f"{name} is empty: there is nothing to read")
    try:
        kind = kind_of(path, data[:HEAD_BYTES])
    except NotADocument as error:
        raise UnreadableSource(f"{name} is not read: {error}") from error
    return parse(
        data,
        kind,
        uri=str(path),
        name=name,
        file_name=path.name,
        declared=None,
        limits=limits,
        mtime_ns=stat.st_mtime_ns,
    )
