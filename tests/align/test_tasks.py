"""A drawn problem's solution is right, a changed one is wrong, and whatever else a reply may be is worth nothing."""

import ast
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.align.problems import AlignProblem
from openbook.align.task import Problem, Rollout, Task, true_reward
from openbook.align.tasks import NAMES, by_name, countdown, gsm8k
from openbook.align.tasks.expression import MOST_CHARACTERS, MOST_DEPTH, value_of
from openbook.json_lines import BadData

GRADED = "facts"
VERIFIABLE = tuple(name for name in NAMES if name != GRADED and ":" not in name)
verifiable = st.sampled_from(VERIFIABLE)
sizes = st.integers(1, 16)
keys = st.integers(0, 2**32)


def problem(name: str, key: int, size: int) -> tuple[Task, Problem]:
    task = by_name(name)
    return task, task.draw(np.random.default_rng(key), size)


@given(verifiable, keys, sizes)
@settings(max_examples=300, deadline=None)
def test_the_solution_and_the_answer_of_a_problem_are_right(name: str, key: int, size: int) -> None:
    task, one = problem(name, key, size)
    assert task.reward(one, one.solution) == 1.0
    assert task.reward(one, one.answer) == 1.0
    assert task.reward(one, f" {one.answer}\n") == 1.0  # blanks around it change nothing


@given(verifiable, keys, sizes, st.data())
@settings(max_examples=300, deadline=None)
def test_an_answer_with_another_digit_is_wrong(name: str, key: int, size: int, data: st.DataObject) -> None:
    task, one = problem(name, key, size)
    places = [place for place, character in enumerate(one.answer) if character.isdigit()]
    place = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != one.answer[place]]))
    changed = one.answer[:place] + digit + one.answer[place + 1 :]
    expected = 0.0
    if name == "countdown":  # another expression may be right too: what it is worth is counted apart from the checker
        given_numbers, _, target = one.prompt.removesuffix(" :").partition(" make ")
        found = value_of(changed)
        left = given_numbers.split()
        taken = [left.remove(str(n)) for n in found.used if str(n) in left] if found else []
        expected = float(found is not None and found.number == int(target) and len(taken) == len(found.used))
    assert task.reward(one, changed) == expected


@given(st.sampled_from([*VERIFIABLE, GRADED]), keys, sizes, st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_garbage_is_worth_nothing_and_raises_nothing(name: str, key: int, size: int, garbage: str) -> None:
    task, one = problem(name, key, size)
    if name == GRADED:
        assert task.reward(one, "~" + garbage) < 1.0
        return
    assert task.reward(one, garbage + "~") == 0.0
    assert task.reward(one, "") == 0.0
    assert task.reward(one, "9" * 100_000) == 0.0
    assert task.reward(one, "(" * 50_000 + one.answer) == 0.0


@pytest.mark.parametrize("name", [*VERIFIABLE, GRADED])
def test_equal_keys_draw_equal_problems_of_the_sizes_asked(name: str) -> None:
    task = by_name(name)
    first, again, other = (task.problems(30, key, (2, 3)) for key in ([1], [1], [2]))
    assert first == again != other
    assert {one.size for one in first} == {2, 3}


def test_arithmetic_is_worked_a_column_at_a_time() -> None:
    found = {}
    for one in by_name("arithmetic").problems(3000, [0], (2, 2)):
        found[one.prompt] = one.solution
    worked = {prompt: found[prompt].split() for prompt in found}
    assert all(is_so(step) for steps in worked.values() for step in steps[:-1])
    sums = [prompt for prompt in found if "+" in prompt]
    assert all(len(worked[prompt]) == 3 for prompt in sums)


def is_so(step: str) -> bool:
    """Whether what a step says is so, by the other reader."""
    said, _, value = step.partition("=")
    found = value_of(said)
    return found is not None and found.number == int(value)


@given(st.recursive(st.integers(0, 99).map(str), lambda inner: st.builds(
    lambda a, sign, b: f"({a}{sign}{b})", inner, st.sampled_from("+-*/"), inner), max_leaves=12))  # fmt: skip
@settings(deadline=None)
def test_an_expression_has_the_value_that_python_gives_it(expression: str) -> None:
    def by_tree(node: ast.AST) -> Fraction:
        if isinstance(node, ast.Constant):
            return Fraction(node.value)
        assert isinstance(node, ast.BinOp)
        left, right = by_tree(node.left), by_tree(node.right)
        return {
            ast.Add: lambda: left + right, ast.Sub: lambda: left - right,
            ast.Mult: lambda: left * right, ast.Div: lambda: left / right,
        }[type(node.op)]()  # fmt: skip

    found = value_of(expression)
    try:
        expected = by_tree(ast.parse(expression, mode="eval").body)
    except ZeroDivisionError:
        assert found is None
        return
    if len(expression) <= MOST_CHARACTERS:
        assert found is not None
        assert found.number == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [("2+3*4", 14), ("2*3-4-5", -3), ("8/4/2", 1), (" ( 1 + 2 ) * 3 ", 9), ("12 3", None), ("2**3", None), ("", None),
     ("-3", None), ("3-", None), ("(3", None), ("3)", None), ("1/0", None), ("٣+1", None), ("1e3", None),
     ("(" * (MOST_DEPTH + 1) + "1" + ")" * (MOST_DEPTH + 1), None), ("1" * 10, None)],
)  # fmt: skip
def test_only_four_operations_and_brackets_are_read(text: str, value: int | None) -> None:
    found = value_of(text)
    assert (found and found.number) == value


def test_countdown_takes_any_way_there_with_each_number_once() -> None:
    one = Problem("3 8 5 make 55 :", "(3+8)*5", "(3+8)*5", 3)
    replies = {"5*(8+3)": 1.0, "5*3+8*5": 0.0, "55": 0.0, "(3+8)*5-0": 0.0, "5*(8+3": 0.0, "(3+8)*5=55": 0.0}
    assert {reply: countdown.reward(one, reply) for reply in replies} == replies
    assert countdown.reward(Problem("3 3 9 make 6 :", "3+3", "3+3", 3), "3+3") == 1.0  # given twice, used twice
    assert countdown.reward(Problem("3 9 make 6 :", "9-3", "9-3", 2), "3+3") == 0.0


def test_a_quantity_needs_its_unit() -> None:
    task = by_name("units")
    one = Problem("2 km + 300 m in m :", "2300 m", "2000 m + 300 m = 2300 m", 2)
    replies = {"2300 m": 1.0, "2300m": 1.0, "2300.0 m": 1.0, "x = 2300 m": 1.0, "2300": 0.0, "2.3 km": 0.0,
               "2300 mm": 0.0, "2300 m = 2.3 km": 0.0}  # fmt: skip
    assert {reply: task.reward(one, reply) for reply in replies} == replies


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_word_problems_come_from_a_file(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "p.jsonl",
        {"question": "Two pens at 3?", "answer": "2*3 = 6\n#### 6"},
        {"question": "A thousand and 1?", "answer": "1000 + 1 = 1001\nso\nit is\n#### 1,001"},
    )
    task = by_name(f"gsm8k:{path}")
    assert task.sizes == (1, 3)
    assert {one.size for one in task.problems(40, [0])} == {1, 3}
    big = task.problems(1, [0], (3, 3))[0]
    assert big.prompt == "A thousand and 1?\n"
    replies = {big.solution: 1.0, "#### 1001": 1.0, "#### 1,001.00 pens": 1.0, "1001": 0.0, "#### 1002": 0.0,
               "#### 1001 #### 7": 0.0, "####": 0.0, "#### many": 0.0}  # fmt: skip
    assert {reply: task.reward(big, reply) for reply in replies} == replies


@pytest.mark.parametrize(
    ("rows", "said"),
    [([], "holds no problems"), ([{"question": "?", "answer": "6"}], "line 1"), ([{"question": 1}], "line 1"),
     ([{"question": " ", "answer": "#### 1"}], "line 1")],
)  # fmt: skip
def test_a_file_without_problems_is_said_in_one_line(tmp_path: Path, rows: list[object], said: str) -> None:
    with pytest.raises(AlignProblem, match=said) as error:
        gsm8k.task(lines(tmp_path / "p.jsonl", *rows))
    assert "\n" not in str(error.value)


def test_an_unknown_task_is_said_with_the_nearest() -> None:
    with pytest.raises(AlignProblem, match="do you mean sorting"):
        by_name("sortin")
    with pytest.raises(AlignProblem, match="known are arithmetic"):
        by_name("gsm8k:")
    with pytest.raises(BadData, match="no file"):
        by_name("gsm8k:none.jsonl")


def test_a_reward_of_rollouts_has_a_row_for_each_problem() -> None:
    task, one = problem("sorting", 0, 3)
    rollout = Rollout(one, None, (one.answer, "x"), (True, False))  # type: ignore[arg-type]  # tokens are not looked at
    assert true_reward(task)([rollout, rollout]).tolist() == [[1.0, 0.0], [1.0, 0.0]]
