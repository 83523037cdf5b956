"""The main job as tools: a question answered by quotes, and passages found, from an index of documents."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import PurePath

from openbook.agent.declare import declared
from openbook.agent.slots import Question
from openbook.agent.tool import Tool
from openbook.answer import AskSettings, ask
from openbook.answer.engine import Engine
from openbook.answer.overlap import question_stems, stems
from openbook.answer.suspect import Guard
from openbook.documents import sentences
from openbook.index import SearchSettings, search
from openbook.protocols import Embedder, Store
from openbook.values import Answer, Citation, Json, Span

MOST_PASSAGES = 20

NOT_HERE = "Not in these documents."


def document_tools(
    open_store: Callable[[], Store],
    embedder: Embedder,
    engine: Engine,
    *,
    within: Sequence[str] = (),
    threshold: float | None = None,
    guard: Guard | None = None,
) -> tuple[Tool, ...]:
    """``ask_documents`` and ``search_documents``. What is looked for chooses nothing and may be made of anything.

    open_store: called for each use, since a connection belongs to the thread that made it. guard: leaves out passages
    with an attack.
    """
    settings = AskSettings(SearchSettings(within=tuple(within)), threshold)

    def ask_documents(question: Question) -> Json:
        """Answer a question from the documents, quoting the exact words and their source.

        question: one question in plain words
        """
        with closing(open_store()) as store:
            answer = ask(
                store, embedder, engine.reader, engine.calibration, question, settings, engine.scorer, guard=guard
            )
        return answer_json(answer)

    def search_documents(query: Question, most: int = 5) -> Json:
        """Search the documents and list the passages that mention something.

        query: words or a question
        most: how many passages, at most 20
        """
        k = max(1, min(most, MOST_PASSAGES))
        with closing(open_store()) as store:
            found = search(store, embedder, query, SearchSettings(k=k, within=tuple(within))).passages
        quotes = [{"text": p.text, "uri": p.uri, "place": p.chunk.place, "words": ""} for p in found]
        lines = [f"{PurePath(p.uri).name}, {p.chunk.place}: {_nearest(query, p.text)}" for p in found]
        said = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))
        return {"answer": said or NOT_HERE, "words": said, "found": bool(found), "quotes": quotes}

    return (
        declared(
            ask_documents,
            effects=["reads"],
            content=["question"],
            examples=(
                "what does the contract say about payment",
                "look up the price in the documents",
                "who is responsible for the project",
                "find out when it was signed",
                "find out the name of the owner",
                "give me the number of members",
                "explain the rules",
                "according to the handbook, how does it work",
                "tell me how many people attended",
            ),
        ),
        declared(
            search_documents,
            effects=["reads"],
            content=["query", "most"],
            examples=(
                "search the documents for invoices",
                "list the passages about safety",
                "find all places that mention the warranty",
                "where in the documents is insurance mentioned",
                "which passages are about tax",
                "show me every paragraph on payment",
            ),
        ),
    )


def _nearest(query: str, text: str, most: int = 160) -> str:
    """The sentence that holds most of the query's words, in one line."""
    wanted = set(question_stems(query))
    found = [span.of(text) for span in sentences(text, Span(0, len(text)))] or [text]
    line = " ".join(max(found, key=lambda sentence: len(wanted & stems(sentence))).split())
    return line if len(line) <= most else f"{line[:most].rsplit(' ', 1)[0]} …"


def answer_json(answer: Answer) -> Json:
    """answer: its sentences. words: the few that were asked for, where a reader marked them, else the same. quotes:
    the characters it rests on, each with where they stand. suspicious: passages that were left out, and why."""
    left_out = _left_out(answer)
    if answer.abstained:
        return {"answer": NOT_HERE, "words": "", "found": False, "quotes": [], **left_out}
    said = " ".join(sentence.text for sentence in answer.sentences)
    citations = [citation for sentence in answer.sentences for citation in sentence.citations]
    marked = [words for citation in citations if (words := words_of(citation))]
    return {
        "answer": said,
        "words": marked[0] if marked else said,
        "found": True,
        "confidence": round(answer.confidence, 4),
        "quotes": [{"text": c.quote, "uri": c.uri, "place": c.place, "words": words_of(c)} for c in citations],
        **left_out,
    }


def _left_out(answer: Answer) -> dict[str, Json]:
    """Where, and what a guard says of it in our own words; empty where nothing was withheld."""
    found = {each.passage: each for each in answer.suspicious if each.withheld == "answer"}
    rows: list[Json] = [
        {"uri": passage.uri, "place": passage.chunk.place, "why": each.message}
        for each in found.values()
        for passage in (answer.passages[each.passage],)
    ]
    return {"suspicious": rows} if rows else {}


def words_of(citation: Citation) -> str:
    """The part of the quote that answers, empty where none is marked."""
    if citation.answer is None:
        return ""
    start = citation.span.start
    return citation.quote[citation.answer.start - start : citation.answer.end - start]
