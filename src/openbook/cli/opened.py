"""From what was typed to an open index and encoder; an index that does not exist yet is made first."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import typer

from openbook.cli.new_folder import refuse_far
from openbook.cli.progress import indexing_progress, say
from openbook.cli.screen import plural
from openbook.documents import Limits
from openbook.encode import SentenceEncoder, open_encoder
from openbook.errors import IndexBusy, NothingToRead, OpenbookError
from openbook.index.location import absolute_store, below, default_index, is_url, parse_store, resolve_source
from openbook.index.lock import sole_writer
from openbook.index.open import open_store
from openbook.index.schema import refuse_stranger, remove_index
from openbook.index.sqlite import SqliteStore
from openbook.index.survey import lacking
from openbook.index.update import CHUNK_TOKENS, Progress, Summary, update
from openbook.protocols import Store

WAIT_SECONDS = 600.0
"""How long a second writer waits for the first."""


@dataclass(frozen=True, slots=True)
class Place:
    """sources: resolved paths and URLs. spec: the store, as ``--store`` writes it."""

    sources: Sequence[str]
    spec: str

    @property
    def path(self) -> Path | None:
        kind, where = parse_store(self.spec)
        return Path(where).expanduser().absolute() if kind == "sqlite" else None

    @property
    def exists(self) -> bool:
        return self.path is None or self.path.is_file()


def place_of(sources: Sequence[str] | None, index: Path | None, store: str | None) -> Place:
    """Where to look. Raises OpenbookError where --index and --store are both given, or a source is missing."""
    if index is not None and store is not None:
        raise OpenbookError("--index and --store both name the index: give one of them")
    named = store if store is not None else None if index is None else f"sqlite:{index}"
    chosen = None if named is None else absolute_store(named)
    if not sources and chosen is not None:
        return Place((), chosen)
    resolved = [resolve_source(source) for source in sources or ["."]]
    return Place(resolved, chosen or f"sqlite:{default_index(resolved)}")


@contextmanager
def opened(place: Place, *, fresh: bool = False) -> Generator[tuple[Store, SentenceEncoder]]:
    """The index for reading, and the encoder. ``fresh``: take up what changed in the sources first."""
    encoder = open_encoder()
    if place.sources and (fresh or not place.exists or _lacks_a_source(place)):
        bring_up_to_date(place, encoder, quiet=False)
    store = _open_waiting(place)
    try:
        yield store, encoder
    finally:
        store.close()


def _open_waiting(place: Place) -> Store:
    """A file of Milvus Lite is open in one process at a time: a reader waits as a writer does."""
    started = time.monotonic()
    told = False
    while True:
        try:
            return open_store(place.spec)
        except IndexBusy:
            if place.path is not None or time.monotonic() - started > WAIT_SECONDS:
                raise
        if not told:
            say("another process has this index open: waiting for it")
            told = True
        time.sleep(0.2)


def say_what_is_missing(place: Place, store: Store) -> None:
    """One line where the sources hold documents that the index does not: a newer file, or an unfinished first run."""
    held = {uri for uri in (document.uri for document in store.catalogue()) if not is_url(uri)}
    here, missing = lacking(place.sources, held, Limits())
    if missing:
        are = "is" if here == 1 else "are"
        say(f"{here:,} of {plural(here + missing, 'file')} {are} indexed: ask again with --update to take up the rest")


def bring_up_to_date(place: Place, encoder: SentenceEncoder, *, quiet: bool) -> Summary:
    """Index the place's sources, under the writer's lock, with a progress bar on standard error."""
    if not place.sources:
        raise OpenbookError("say what to index: `openbook index DIR`")
    if place.path is not None:
        refuse_stranger(place.path)
    refuse_no_folder(place)
    new = place.path is not None and not place.path.exists()
    with sole_writer(
        lock_path(place), WAIT_SECONDS, lambda: say("another process is writing this index: waiting for it")
    ):
        store = open_store(place.spec, create=settings_of(encoder), write=True)
        last = [Progress(0, 0, 0, "")]
        empty = False
        try:
            with indexing_progress(quiet) as on_progress:

                def noted(done: Progress) -> None:
                    last[0] = done
                    on_progress(done)

                summary = update(store, encoder, place.sources, token_spans=encoder.token_spans, on_progress=noted)
            if isinstance(store, SqliteStore):
                store.prepare()
            empty = not store.catalogue()
            if empty and not summary.removed:  # to forget what is gone is all there was to do
                why = f" ({summary.skipped[0].reason})" if summary.skipped else ""
                raise NothingToRead(f"there is no readable document in {', '.join(place.sources)}{why}")
        except KeyboardInterrupt:
            done = last[0]
            say(f"stopped: {done.files:,} of {done.files_total:,} files are kept, the same command goes on from there")
            raise typer.Exit(130) from None
        finally:
            store.close()
            if new and empty and place.path is not None:
                remove_index(place.path)
                with suppress(OSError):  # Windows keeps a file that is open
                    place.path.with_name(f"{place.path.name}.lock").unlink()
    return summary


def settings_of(encoder: SentenceEncoder) -> dict[str, str]:
    """What an index made now is made with."""
    return {"embedder": encoder.digest, "dim": str(encoder.dim), "chunking": f"structure, {CHUNK_TOKENS} tokens"}


def refuse_no_folder(place: Place) -> None:
    """As ``refuse_far``, for an index that is a file; the cache folder is made whole."""
    _, where = parse_store(place.spec)
    if not is_url(where) and place.path != default_index(place.sources):
        refuse_far(Path(where), "the index")


def lock_path(place: Place) -> Path:
    """A store without a file of its own is locked by a name in the cache folder."""
    return place.path or default_index([place.spec]).with_name("remote")


def _lacks_a_source(place: Place) -> bool:
    """An index of other sources, or one whose first run was stopped before anything was in."""
    store = _open_waiting(place)
    try:
        held = [document.uri for document in store.catalogue()]
    finally:
        store.close()
    return not all(any(below(uri, source) for uri in held) for source in place.sources)
