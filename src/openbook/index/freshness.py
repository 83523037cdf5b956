"""Whether a source still is what was indexed."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from openbook.index.location import is_url
from openbook.protocols import Store
from openbook.values import Passage


def sha256_of(path: Path) -> str:
    """The hex digest of the file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_stale(uri: str, sha256: str) -> bool:
    """True where the file changed or is gone; a page on the web is only known anew by fetching it, so never stale."""
    if is_url(uri):
        return False
    try:
        return sha256_of(Path(uri)) != sha256
    except (OSError, ValueError):
        return True


def stale_among(store: Store, passages: Sequence[Passage]) -> list[str]:
    """The uris of these passages whose sources are not what was indexed any more, in their order."""
    documents = [store.document(key) for key in dict.fromkeys(passage.chunk.document_id for passage in passages)]
    return [document.uri for document in documents if is_stale(document.uri, document.sha256)]
