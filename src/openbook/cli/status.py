"""``openbook status``: what an index holds, and whether its sources have changed since."""

from dataclasses import asdict
from typing import Annotated

import typer

from openbook.cli.options import AsJson, IndexPath, Sources, StoreSpec


def status(
    sources: Sources = None,
    index: IndexPath = None,
    store: StoreSpec = None,
    check: Annotated[
        bool, typer.Option("--check", help="Also verify the whole file: integrity, words, vectors.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what the index of these sources holds, which files changed since, and where it lives.

    Exit code: 0 up to date, 1 some sources changed, 2 no index or a damaged one.
    """
    from openbook.answer.folder_threshold import beside, stated_threshold
    from openbook.cli.opened import lock_path, place_of
    from openbook.cli.typed import print_json
    from openbook.documents import Limits
    from openbook.index.location import below
    from openbook.index.open import open_store
    from openbook.index.sqlite import SqliteStore
    from openbook.index.survey import changed, gone, read, survey, unopened

    place = place_of(sources, index, store)
    own = stated_threshold(beside(lock_path(place)))
    opened = open_store(place.spec, write=check)  # FTS5 checks itself through a write
    try:
        if check and isinstance(opened, SqliteStore):
            opened.integrity()
        catalogue = opened.catalogue()
        before = {document.uri: document for document in catalogue}
        others = sum(not any(below(uri, source) for source in place.sources) for uri in before) if place.sources else 0
        local = [source for source in place.sources if "://" not in source]
        seen = survey(local, Limits())
        for _document in read(seen, [uri for uri in changed(seen, before) if uri not in before], Limits()):
            pass  # what turns out to be no document leaves the survey: indexing could not take it up either
        size = sum(p.stat().st_size for p in place.path.parent.glob(f"{place.path.name}*")) if place.path else 0
        report = {
            "store": opened.uri,
            "generation": opened.generation,
            "settings": dict(opened.settings),
            "documents": len(catalogue),
            "of_other_sources": others,
            "bytes": size,
            "changed": changed(seen, before),
            "gone": gone(seen, before, local),
            "unopened": unopened(seen, before),
            "left_out": len(seen.skipped),
            "checked": check,
            "counts": opened.counts(),
            "calibrated": None if own is None else {n: v for n, v in asdict(own).items() if n != "asked"},
        }
    finally:
        opened.close()
    if as_json:
        print_json(report)
    else:
        from openbook.cli.show_report import show_status

        show_status(report)
    raise typer.Exit(1 if report["changed"] or report["gone"] else 0)
