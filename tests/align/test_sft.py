"""A supervised model learns replies alone, goes on exactly, is a base for other methods, and says how good it is."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from small_base import END, base

from openbook.align.demonstrations import lessons, opened_tokenizer, unseen
from openbook.align.evaluate_policy import evaluated
from openbook.align.policy import opened
from openbook.align.problems import AlignProblem
from openbook.align.sft import SftResult, run
from openbook.align.sft_recipe import Demonstrations, SftRecipe
from openbook.align.task import Problem, Task
from openbook.align.tasks import by_name
from openbook.align.vocabulary import tokenizer_json
from openbook.tokens.tokenizer import Tokenizer
from openbook.train.finetune_recipe import Base
from openbook.train.problems import TrainProblem
from openbook.train.recipe import Model, Optimiser, Out, Schedule, Train
from openbook.train.watch import Watch


def recipe(folder: Path, steps: int = 6, **task: Any) -> SftRecipe:
    return SftRecipe(
        task=Demonstrations(**{"name": "sorting", "examples": 60, "validation": 8, "sizes": (1, 2), **task}),
        out=Out(str(folder), log_every=1, evaluate_every=3, checkpoint_every=2),
        model=Model(layers=1, heads=2, width=16, context=40),
        optimiser=Optimiser(rate=1e-2),
        schedule=Schedule(warmup=1),
        train=Train(steps=steps, batch=4, device="cpu"),
    )


def ran(wanted: SftRecipe, stop_after: int = 0) -> SftResult:
    def progress(step: int) -> None:
        if step == stop_after:
            raise KeyboardInterrupt

    return run(wanted, Watch(lambda _: None, progress, lambda _: None), lambda _: None)


def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole = ran(recipe(tmp_path / "whole"))
    with pytest.raises(KeyboardInterrupt):
        ran(recipe(tmp_path / "killed"), stop_after=5)
    again = ran(recipe(tmp_path / "killed"))
    assert whole.finished
    assert (whole.model / "model.safetensors").read_bytes() == (again.model / "model.safetensors").read_bytes()
    assert (again.loss, again.validation_loss) == (whole.loss, whole.validation_loss)
    assert (whole.folder / "loss.svg").is_file()


def test_what_is_made_is_a_base_that_reads_its_tasks_prompts(tmp_path: Path) -> None:
    made = ran(recipe(tmp_path / "run", name="facts", pieces="words"))
    policy = opened(Base(str(made.model)), None, "<|endoftext|>", 0, torch.device("cpu"))
    problem = by_name("facts").problems(1, [5])[0]
    ids = policy.ids(problem.prompt)
    assert policy.tokenizer.unknown not in ids
    assert policy.text(ids) == problem.prompt
    found = made.measured
    assert found is not None
    assert found.rewards.shape == (8, 1)


def test_a_small_task_is_learnt(tmp_path: Path) -> None:
    wanted = recipe(tmp_path / "run", steps=200, examples=80, validation=10, sizes=(1, 1))
    wanted = replace(wanted, train=replace(wanted.train, batch=16))
    result = ran(wanted)  # to say a number again
    policy = opened(Base(str(result.model)), None, "<|endoftext|>", 0, torch.device("cpu"))
    learnt = lessons(wanted.task, wanted.end)
    found = evaluated(policy, learnt.task, learnt.training, most=10)
    assert found.accuracy.value > 0.4  # by chance, one in a hundred
    assert found.ended.all()


@pytest.mark.parametrize("pieces", ["characters", "words"])
def test_a_vocabulary_gives_a_text_back_and_ends_with_its_end(pieces: Any) -> None:
    texts = ["b a , c", "¿ d 7kg : b"]
    tokenizer = Tokenizer(json.loads(tokenizer_json(texts, pieces, END)))
    for text in texts:
        assert tokenizer.decode(tokenizer.ids_batch([text])[0]) == text
    assert tokenizer.id_of(END) == tokenizer.size - 1
    assert tokenizer.unknown in tokenizer.ids_batch(["z"])[0]
    assert tokenizer.id_of(END) not in tokenizer.ids_batch([END])[0]  # no text writes it


def test_nothing_kept_apart_is_learnt_and_equal_seeds_give_equal_lessons() -> None:
    asked = Demonstrations("sorting", examples=300, validation=50, sizes=(1, 2))
    first, again = lessons(asked, END), lessons(asked, END)
    other = lessons(replace(asked, seed=1), END)
    assert (first.training, first.validation, first.tokenizer) == (again.training, again.validation, again.tokenizer)
    assert first.training != other.training
    assert not {one.prompt for one in first.training} & {one.prompt for one in first.validation}
    few = lessons(replace(asked, examples=2), END)
    assert opened_tokenizer(few.tokenizer).size == opened_tokenizer(first.tokenizer).size


def test_a_share_of_demonstrations_gives_the_answer_alone() -> None:
    asked = Demonstrations("arithmetic", examples=600, validation=100)
    whole = lessons(asked, END)
    some, more = (lessons(replace(asked, terse=share), END) for share in (0.3, 0.7))
    for part in ("training", "validation"):
        short = [[one.solution == one.answer for one in getattr(found, part)] for found in (whole, some, more)]
        assert not any(short[0])
        assert np.mean(short[1]) == pytest.approx(0.3, abs=0.1)
        assert np.mean(short[2]) == pytest.approx(0.7, abs=0.1)
        assert all(longer or not shorter for shorter, longer in zip(short[1], short[2], strict=True))
        for found in (some, more):
            assert [one.prompt for one in getattr(found, part)] == [one.prompt for one in getattr(whole, part)]
            assert all(found.task.reward(one, one.solution) == 1 for one in getattr(found, part))
    assert some.tokenizer == more.tokenizer == whole.tokenizer  # a base learnt from either writes steps


def test_a_policy_is_evaluated_by_its_own_replies(tmp_path: Path) -> None:
    """A task that asks for what this model writes anyway: each reward is known, and so is each length."""
    policy = opened(Base(str(base(tmp_path / "base"))), None, END, 0, torch.device("cpu"))
    drawn = evaluated(policy, Task("any", lambda _, __: Problem("1", "", "", 1), lambda _, __: 0.0, (1, 1)),
                      [Problem("1+1=", "", "", 1)], most=5)  # fmt: skip
    assert drawn.right.all()  # as much as the answer is worth, which is nothing
    assert drawn.reward is None  # one reply shows no spread
    long = Task("long", lambda _, __: Problem("1", "", "", 1), lambda _, text: float(len(text)), (1, 1))
    problems = [Problem(f"{n}+1=", "xyz", "", 1) for n in range(7)]
    found = evaluated(policy, long, problems, most=5, replies=3, temperature=1.0, key=[4])
    again = evaluated(policy, long, problems, most=5, replies=3, temperature=1.0, key=[4])
    assert (found.rewards == again.rewards).all()
    assert found.rewards.shape == found.tokens.shape == (7, 3)
    assert (found.right == (found.rewards >= 3)).all()
    assert (found.tokens[~found.ended] == 5).all()
    assert found.reward is not None
    assert found.reward.value == pytest.approx(found.rewards.mean())
    assert found.accuracy.n == 21
    assert found.length == np.mean(found.tokens)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "sortin"}, "do you mean sorting"),
        ({"sizes": (2,)}, "least and the most"),
        ({"sizes": (3, 2)}, "least and the most"),
        ({"sizes": (1, 99)}, "at most 32"),
        ({"examples": 0}, "task.examples"),
        ({"terse": 1.5}, "task.terse"),
        ({"sizes": (30, 30)}, "model.context is 40"),
        ({"sizes": (1, 1), "validation": 200}, "too few different problems"),
    ],
)
def test_a_recipe_that_cannot_be_is_said_in_one_line(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(TrainProblem, match=said) as error:
        ran(recipe(tmp_path / "run", **changes))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "run").exists()


def test_keys_of_other_trainings_are_refused(tmp_path: Path) -> None:
    wanted = recipe(tmp_path / "run")
    with pytest.raises(AlignProblem, match=r"model\.start"):
        replace(wanted, model=Model(start="somewhere"))
    with pytest.raises(AlignProblem, match=r"train\.compile"):
        replace(wanted, train=Train(compile="blocks"))


def test_a_file_of_problems_that_changed_is_another_run(tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    rows = [json.dumps({"question": f"{n}?", "answer": f"#### {n}"}) for n in range(40)]
    file.write_text("\n".join(rows), encoding="utf-8")
    wanted = recipe(tmp_path / "run", name=f"gsm8k:{file}", examples=20, validation=4, sizes=())
    assert ran(wanted).finished
    file.write_text("\n".join(rows[:-1]), encoding="utf-8")
    with pytest.raises(TrainProblem, match="has changed"):
        ran(wanted)


def test_problems_not_seen_are_new_and_differ() -> None:
    seen = {str(n) + " :" for n in range(90)}
    found = unseen(by_name("sorting"), 10, [0], seen, (1, 1))
    assert {one.prompt for one in found} == {str(n) + " :" for n in range(90, 100)}
