"""Documents as tools: quotes are the file's own characters with their place, and what is not there is said."""

from pathlib import Path
from typing import Any

import pytest

from openbook.agent.tool import Tool
from openbook.agent.tools.documents import document_tools
from openbook.answer.engine import open_engine
from openbook.encode import SentenceEncoder, open_encoder
from openbook.index.open import open_store
from openbook.index.update import update


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Tool], Path]:
    folder = tmp_path_factory.mktemp("notes")
    (folder / "lease.md").write_text("# Lease\n\nThe rent is 950 euros a month.\n\nCats are welcome.\n", "utf-8")
    encoder: SentenceEncoder = open_encoder()
    spec = f"sqlite:{folder}/i.db"
    settings = {"embedder": encoder.digest, "dim": str(encoder.dim), "chunking": "x"}
    store = open_store(spec, create=settings, write=True)
    update(store, encoder, [str(folder / "lease.md")], token_spans=encoder.token_spans)
    store.close()
    made = document_tools(lambda: open_store(spec), encoder, open_engine(encoder))
    return {tool.name: tool for tool in made}, folder


def test_an_answer_has_its_quote_and_where_it_stands(tools: tuple[dict[str, Tool], Path]) -> None:
    by_name, folder = tools
    ask = by_name["ask_documents"]
    found: Any = ask.call(ask.check({"question": "How much is the rent?"}))
    assert found["answer"] == "The rent is 950 euros a month."
    assert "950 euros" in found["words"]
    assert found["quotes"][0]["uri"] == str(folder / "lease.md")
    assert found["quotes"][0]["place"] == "line 3"


def test_what_is_not_there_is_said(tools: tuple[dict[str, Tool], Path]) -> None:
    ask = tools[0]["ask_documents"]
    found: Any = ask.call(ask.check({"question": "Who painted The Night Watch?"}))
    assert (found["found"], found["answer"], found["quotes"]) == (False, "Not in these documents.", [])


def test_a_search_lists_passages(tools: tuple[dict[str, Tool], Path]) -> None:
    search = tools[0]["search_documents"]
    found: Any = search.call(search.check({"query": "cats", "most": 1}))
    assert "Cats are welcome." in found["quotes"][0]["text"]
    assert len(found["quotes"]) == 1


def test_looking_reads_and_its_words_choose_nothing(tools: tuple[dict[str, Tool], Path]) -> None:
    for tool in tools[0].values():
        assert tool.capability.effects == {"reads"}
        assert tool.capability.content == set(tool.schema["properties"])  # type: ignore[arg-type]
        assert not tool.derived
