"""The pair encoder at work, without torch: how well each passage answers a question, and where."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from openbook.encode.folder import open_pair_folder
from openbook.encode.pair_input import QUESTION_TOKENS, PairRow, pair_rows
from openbook.encode.session import load
from openbook.encode.side_by_side import side_by_side, usable_threads
from openbook.encode.spans import RowScores, spans_of
from openbook.encode.word_table import WordTable
from openbook.encode.wordpiece import CHARACTERS_PER_TOKEN, WordPiece
from openbook.values import PairScore

SHIPPED_PAIR = Path(__file__).parent.parent / "weights" / "pair"

SPANS = 8
"""Answers looked at in each passage."""


class PairEncoder:
    """``openbook.protocols.PairScorer``; made by ``open_pair``. Safe to share between threads."""

    def __init__(self, folder: Path, threads: int) -> None:
        verified = open_pair_folder(folder)
        self.digest, self._window = verified.digest, verified.window
        self._threads = threads
        self._tokens = WordPiece(verified.words)
        self._words = WordTable(verified.words.model)
        self._session = load(verified.model)

    def __call__(
        self, question: str, passages: Sequence[str], headings: Sequence[Sequence[str]] | None = None
    ) -> Sequence[PairScore]:
        """One score a passage, in order. Any strings will do; a passage beyond the window is read in several rows.

        headings: the titles that each passage stands under. A score depends on its question and passage alone.
        """
        if isinstance(passages, str):
            raise TypeError("give a list of passages, not one text")
        titles = headings or [()] * len(passages)
        rows = [
            pair_rows(self._tokens, question, text, above, window=self._window)
            for text, above in zip(passages, titles, strict=True)
        ]
        flat = [(number, row) for number, of_passage in enumerate(rows) for row in of_passage]
        found: list[list[RowScores]] = [[] for _ in passages]
        scored: dict[int, RowScores] = {}
        with closing(
            side_by_side(lambda n: self._run(flat[n][1]), [len(r.ids) for _, r in flat], self._threads)
        ) as each:
            scored.update(each)
        for n, (number, _) in enumerate(flat):
            found[number].append(scored[n])
        return [_merged(of_passage) for of_passage in found]

    def reads_whole(self, question: str) -> bool:
        """Whether no word of the question is cut off."""
        short = len(question) <= QUESTION_TOKENS * CHARACTERS_PER_TOKEN
        return short and len(self._tokens.pieces(question, QUESTION_TOKENS + 1)[0]) <= QUESTION_TOKENS

    def _run(self, row: PairRow) -> RowScores:
        given = {"words": self._words(row.ids), "kinds": row.kinds}
        spans, decisions = self._session.run(["spans", "decisions"], given)
        passage = slice(row.begins, row.begins + len(row.offsets))
        starts, ends = spans[passage, 0], spans[passage, 1]
        return RowScores(starts, ends, float(decisions[0]), float(decisions[1]), row.offsets)


def _merged(rows: Sequence[RowScores]) -> PairScore:
    """The most relevant row's relevance, the surest row's no-answer, and the best answers of all rows."""
    relevance = max(row.relevance for row in rows)
    no_answer = min(row.no_answer for row in rows)
    return PairScore(relevance, no_answer, tuple(spans_of(rows, SPANS)))


def open_pair(folder: Path | None = None, threads: int | None = None) -> PairEncoder:
    """The shipped pair encoder, or the one in ``folder``, on ``threads`` cores (all that this process may use).

    Raises OpenbookError where the model is missing, corrupt, of other words, or not loadable.
    """
    return PairEncoder(folder or SHIPPED_PAIR, usable_threads(threads))
