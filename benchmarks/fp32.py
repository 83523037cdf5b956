"""Trained weights of a pair encoder as they were before INT8, in torch: what the shipped form is compared with."""

from collections.abc import Sequence
from pathlib import Path

from openbook.encode.pair_input import pair_rows
from openbook.encode.spans import RowScores, spans_of
from openbook.values import PairScore


class Fp32:
    """The trained weights in torch, as ``protocols.PairScorer``."""

    digest = "fp32"

    def __init__(self, trained: Path) -> None:
        from openbook.encode.folder import SHIPPED, open_folder
        from openbook.encode.wordpiece import WordPiece
        from openbook.heads import pair_checkpoint

        self.model = pair_checkpoint.read(trained)
        self.window = min(384, self.model.encoder.config.context)
        self.tokens = WordPiece(open_folder(SHIPPED))

    def __call__(
        self, question: str, passages: Sequence[str], headings: Sequence[Sequence[str]] | None = None
    ) -> list[PairScore]:
        import torch

        found: list[PairScore] = []
        for passage, heading in zip(passages, headings or [()] * len(passages), strict=True):
            row = pair_rows(self.tokens, question, passage, heading, window=self.window)[0]
            inside = torch.zeros(1, len(row.ids), dtype=torch.bool)
            inside[0, row.begins : row.begins + len(row.offsets)] = True
            with torch.inference_mode():
                logits = self.model(
                    torch.tensor(row.ids)[None], torch.tensor(row.kinds)[None], torch.ones_like(inside), inside
                )
            part = slice(row.begins, row.begins + len(row.offsets))
            scores = RowScores(
                logits.starts[0, part].numpy(), logits.ends[0, part].numpy(), float(logits.relevance),
                float(logits.no_answer), row.offsets,
            )  # fmt: skip
            found.append(PairScore(scores.relevance, scores.no_answer, tuple(spans_of([scores], 8))))
        return found


def fp32_of(trained: Path, recipe: str) -> Fp32 | None:
    """The weights in ``trained``; None, and the command that makes them said, where there are none."""
    if trained.is_dir():
        return Fp32(trained)
    print(f"there is no {trained}, so no FP32: `openbook train recipes/{recipe}.toml` makes it")
    return None
