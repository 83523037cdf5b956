"""From ``openbook mcp`` to a server over an index that is up to date."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from openbook.agent.mcp_library import Library, offered
from openbook.agent.mcp_server import serve_http, serve_stdio, server_of
from openbook.answer.engine import open_engine
from openbook.answer.folder_threshold import beside, read_threshold
from openbook.answer.suspect import Guard
from openbook.cli.opened import lock_path, opened, place_of
from openbook.cli.progress import say
from openbook.cli.screen import plural
from openbook.encode.injection import open_injection
from openbook.errors import OpenbookError
from openbook.index.open import open_store


def run_server(
    docs: Sequence[str] | None, index: Path | None, store: str | None, threshold: float | None, http: int | None
) -> None:
    """Index what changed, say so on standard error, then serve until the client is gone. Raises OpenbookError."""
    if not docs and index is None and store is None:
        raise OpenbookError("say what to offer: `openbook mcp --docs DIR`")
    server_of((), ThreadPoolExecutor(1))  # a missing extra is said before anything is indexed
    place = place_of(docs, index, store)
    with opened(place, fresh=bool(docs)) as (readable, encoder):
        count = readable.counts()["documents"]
    engine = open_engine(encoder)
    own = None if threshold is not None else read_threshold(beside(lock_path(place)), engine.calibration)
    least = threshold if own is None else own.threshold
    with ThreadPoolExecutor(1, "index") as worker:  # SQLite's handle belongs to the thread that opened it
        opened_store = worker.submit(open_store, place.spec).result()
        try:
            library = Library(
                opened_store,
                encoder,
                engine,
                tuple(place.sources),
                least,
                Guard(cache(open_injection), everything=True),
            )
            server = server_of(offered(library), worker)
            if http is None:
                say(f"serving {plural(count, 'document')} on standard input and output")
                serve_stdio(server)
            else:
                serve_http(server, http, lambda at: say(f"serving {plural(count, 'document')} at {at}; Ctrl-C ends it"))
        finally:
            worker.submit(opened_store.close).result()
