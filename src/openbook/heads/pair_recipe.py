"""What the pair encoder's recipe says: which sets, how much of each kind of pair, and the tables of every training."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openbook.train.lora_targets import LoraConfig
from openbook.train.problems import TrainProblem
from openbook.train.recipe import Optimiser, Out, Schedule, Train, check_ranges, check_tables


@dataclass(frozen=True, slots=True)
class PairData:
    """sets: labelled questions, by the names of ``heads.sets``; most: of a set at most so many, drawn. texts: free text
    for cloze questions.

    cloze: how many are made; they are learnt from in the first ``cloze_steps`` steps. claims: how many statements are
    made of the texts, backed and not. negatives: passages found by our search, so many for each question on average.
    statements: sets whose questions are made statements of, backed and not. guards: sets of attacks and of harmless
    texts, by the names of ``heads.guard_sets``; injections: how many more are made of them and the texts.
    headings: the share of rows that stand under their title. longest: characters of a passage that are kept (a search
    gives chunks, not whole pages). keep: where what was made of the sets is kept for the next run.
    """

    sets: tuple[str, ...] = ()
    most: Mapping[str, int] = field(default_factory=dict[str, int])
    texts: tuple[str, ...] = ()
    cloze: int = 0
    cloze_steps: int = 0
    negatives: float = 1.0
    headings: float = 0.5
    longest: int = 1200
    claims: int = 0
    statements: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    injections: int = 0
    keep: str = "runs/pair-data"


@dataclass(frozen=True, slots=True)
class Ship:
    """The INT8 model that is made at the end. folder: where, by default ``int8`` in the run's folder.

    alpha: how far outliers move into the weights. most: logits that a decision may move on the pairs it is verified on.
    card: what its README says; the figures are added.
    """

    folder: str = ""
    alpha: float = 0.75
    most: float = 1.0
    card: str = ""


@dataclass(frozen=True, slots=True)
class PairRecipe:
    """base: a folder with the encoder's weights, or the recipe of the shipped embedder, whose originals are fetched.

    frozen_words: the word table stays as released, so that every trunk can share it. average: the mean of the weights
    at the last so many checkpoints is what is kept. runs: so many, from one start, each in an order of its own; the
    mean of what they come to is kept (Wortsman et al. 2022). With ``[lora]`` adapters learn and the trunk stays.
    """

    base: str
    data: PairData
    out: Out
    lora: LoraConfig | None = None
    frozen_words: bool = True
    average: int = 1
    runs: int = 1
    no_answer: float = 1.0
    relevance: float = 1.0
    optimiser: Optimiser = field(default_factory=Optimiser)
    schedule: Schedule = field(default_factory=Schedule)
    train: Train = field(default_factory=Train)
    ship: Ship = field(default_factory=Ship)

    def __post_init__(self) -> None:
        check_tables(self.train, self.schedule, self.optimiser, self.out)
        check_ranges(
            ("data.cloze", self.data.cloze, 0, 10**6),
            ("data.cloze_steps", self.data.cloze_steps, 0, self.train.steps),
            ("data.claims", self.data.claims, 0, 10**6),
            ("data.injections", self.data.injections, 0, 10**6),
            ("data.negatives", self.data.negatives, 0, 10),
            ("data.headings", self.data.headings, 0, 1),
            ("average", self.average, 1, self.out.keep),
            ("runs", self.runs, 1, 100),
            ("train.steps", self.train.steps, 1, 10**7),
            ("train.batch", self.train.batch, 1, 4096),
            ("optimiser.rate", self.optimiser.rate, 0, 1),
        )
        if not (self.data.sets or self.data.claims or self.data.guards) or not self.out.folder:
            raise TrainProblem("out.folder must not be empty, nor data.sets where no claims or guards are learnt from")
        if self.data.cloze_steps and not (self.data.cloze and self.data.texts):
            raise TrainProblem("data.cloze_steps needs data.cloze and data.texts: say how many questions, from what")

    @property
    def start(self) -> Path:
        return Path(os.path.expandvars(self.base)).expanduser()
