"""Names in an audit's tables are short, and never two alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.cli.audit_names import apart, with_short_names
from openbook.evaluate.audit.whole import Judgements, audit
from openbook.evaluate.judge_agreement import Scored

WORDS = st.text(st.sampled_from("ab-/. \x1b"), min_size=1, max_size=60)


@given(st.lists(WORDS, unique=True, max_size=12), st.integers(8, 30))
def test_names_stay_apart_and_short(names: list[str], most: int) -> None:
    found = apart(names, most)
    assert list(found) == names
    assert len(set(found.values())) == len(names)
    assert all(len(short) <= most + len(" (12)") and "\x1b" not in short for short in found.values())


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["gpt-4", "gpt-4-turbo"], ["gpt-4", "gpt-4-turbo"]),
        (["http://h/v1#qwen-0.5b", "http://h/v1#qwen-32b"], ["…0.5b", "…32b"]),
        (["a-judge-of-a-very-long-name"], ["a-judge-of-…ng-name"]),
        (["a" * 30 + "x" + "b" * 30, "a" * 30 + "y" + "b" * 30], [f"{'a' * 12}…{'b' * 7} ({n})" for n in (1, 2)]),
    ],
)
def test_what_they_share_is_left_out_then_their_middle(names: list[str], short: list[str]) -> None:
    assert list(apart(names, 20 if names[0] != "a-judge-of-a-very-long-name" else 19).values()) == short


def test_a_verdict_names_its_judge_as_the_table_does() -> None:
    names = [f"http://127.0.0.1:8080/v1#a-model-of-{size}b-parameters" for size in (7, 70)]
    rows = [
        Scored(name, "fluency", f"d{n // 2}", f"s{n % 2}", float((n * (1 + 6 * place)) % 5), float(n % 5))
        for place, name in enumerate(names)
        for n in range(60)
    ]
    whole = audit(Judgements(rows))
    (pair,) = with_short_names(whole).judge_pairs
    assert (pair.first, pair.second) == ("…7b-parameters", "…70b-parameters")
    assert whole.judge_pairs[0].verdict == f"{names[0]} is better"
    assert pair.verdict == "…7b-parameters is better"
