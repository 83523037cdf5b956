"""A saved answer can be recomputed, and what differs is named."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.answer.exchange import answer_json, parse_answer
from openbook.answer.replay import check, compare
from openbook.answer.trace import digest
from openbook.encode import SentenceEncoder
from openbook.errors import OpenbookError
from openbook.index.sqlite import SqliteStore
from openbook.index.update import update
from openbook.values import Answer

Ask = Callable[..., Answer]
QUESTION = "How much is the rent?"


def test_nothing_changed_nothing_differs(answer: Ask) -> None:
    first = answer(QUESTION)
    saved = parse_answer(json.dumps(answer_json(first)).encode(), "answer.json")
    assert saved.trace == first.trace
    result = check(saved, answer(saved.question, saved.settings))
    assert result.first is None
    assert [name for name, _same in result.stages] == ["embed", "lexical", "dense", "fuse", "read", "choose", "answer"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["sentences", 0, "text"], "The rent is 950 euros a year."),
        (["sentences", 0, "citations", 0, "quote"], "The rent is 9 euros."),
        (["sentences", 0, "citations", 0, "span", "start"], 1),
        (["confidence"], 0.999),
        (["abstained"], True),
        (["passages", 0, "text"], "The rent is 9 euros."),
        (["passages"], []),
    ],
)
def test_an_edited_answer_is_not_approved(answer: Ask, path: list[str | int], value: object) -> None:
    first = answer(QUESTION)
    raw = json.loads(json.dumps(answer_json(first)))
    part = raw
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    result = check(parse_answer(json.dumps(raw).encode(), "answer.json"), first)
    assert result.first == "answer"
    assert str(path[0]) in result.why[-1]


def test_a_changed_document_is_noticed_where_it_matters(
    answer: Ask, store: SqliteStore, encoder: SentenceEncoder, folder: Path
) -> None:
    before = answer(QUESTION)
    (folder / "lease.md").write_text("# Lease\n\nThe rent is 900 euros.\n", encoding="utf-8")
    update(store, encoder, [str(folder)], token_spans=encoder.token_spans)
    result = compare(before.trace, answer(QUESTION).trace)
    assert result.first == "lexical"  # the question is embedded as before
    assert any("generation" in reason for reason in result.why)


def test_another_model_is_named(answer: Ask) -> None:
    trace = answer(QUESTION).trace
    other = replace(trace, models={**trace.models, "encoder": "0" * 64})
    assert any("encoder" in reason for reason in compare(other, trace).why)


def test_a_stage_that_is_missing_differs(answer: Ask) -> None:
    trace = answer(QUESTION).trace
    assert compare(replace(trace, stages=trace.stages[:-1]), trace).first == "choose"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"question": 1, "trace": {"settings": 3}}', "[" * 100_000, "\x00"])
def test_any_other_file_is_refused(text: str) -> None:
    with pytest.raises(OpenbookError, match=r"other\.json is not an answer"):
        parse_answer(text.encode(), "other.json")


@given(st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False), max_size=5))
def test_a_digest_depends_on_the_value_alone(value: dict[str, float]) -> None:
    assert digest(value) == digest(dict(reversed(value.items())))
    assert digest(value) == digest(json.loads(json.dumps(value)))
