"""A policy is not taught on texts that its tokenizer cannot read, and what it cannot read is said."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_base import base

from openbook.align import online_run, pairs_run
from openbook.align.dpo_recipe import Dpo, DpoRecipe, PairData
from openbook.align.online_recipe import Grpo, GrpoRecipe, Problems
from openbook.align.problems import AlignProblem
from openbook.align.run import AlignPlan
from openbook.align.unknown import MOST, noted, unknown_share
from openbook.align.vocabulary import tokenizer_json
from openbook.tokens.tokenizer import Tokenizer
from openbook.train.finetune_recipe import Base
from openbook.train.recipe import Out, Train
from openbook.train.watch import Watch

WORDS = Tokenizer(json.loads(tokenizer_json(["one two three four"], "words", "<end>")), "the words' tokenizer")


def rows(*texts: str) -> list[Any]:
    return [np.array(ids, np.int64) for ids in WORDS.ids_batch(texts)]


@given(st.lists(st.sampled_from(["one", "two", "six", "seven"]), max_size=20))
def test_the_share_is_of_the_words_that_the_vocabulary_lacks(words: list[str]) -> None:
    lacking = sum(word in ("six", "seven") for word in words)
    assert unknown_share(WORDS, rows(" ".join(words))) == pytest.approx(lacking / max(len(words), 1))


def test_a_few_are_told_and_many_refused() -> None:
    assert noted(WORDS, rows("one two", "three"), "the prompts") == ()
    few = rows("one two three four " * 3, "six")
    assert noted(WORDS, few, "the prompts") == (("unknown tokens", f"{1 / 13:.2%} of the prompts"),)
    assert MOST > 1 / 13
    with pytest.raises(AlignProblem, match="50% of the tokens of the prompts are unknown to the words' tokenizer"):
        noted(WORDS, rows("one six"), "the prompts")


def test_pairs_and_problems_are_looked_at_before_the_first_step(tmp_path: Path) -> None:
    kept: dict[str, Any] = {
        "base": Base(str(base(tmp_path / "base", context=200))),
        "out": Out(str(tmp_path / "run")),
        "train": Train(steps=1, batch=2, device="cpu"),
    }
    watch, plans = Watch(lambda _: None, lambda _: None, lambda _: None), list[AlignPlan]()
    lines = [{"prompt": f"{n}+1=", "chosen": "ÄÖÜ" * n, "rejected": "ß" * n} for n in range(1, 9)]
    (tmp_path / "pairs.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    pairs = DpoRecipe(**kept, data=PairData(str(tmp_path / "pairs.jsonl"), validation=0.0), dpo=Dpo(sampled=0))
    with pytest.raises(AlignProblem, match="of the tokens of the pairs are unknown to"):
        pairs_run.run(pairs, watch, plans.append)
    facts = GrpoRecipe(**kept, task=Problems(name="facts", held=0), grpo=Grpo(replies=2, most=4))
    online_run.run_grpo(facts, watch, plans.append)  # its capital letters and commas are few
    (note,) = [text for name, text in plans[0].notes if name == "unknown tokens"]
    assert note.endswith("% of the prompts")
