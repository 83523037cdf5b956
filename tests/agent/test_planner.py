"""Requests as people phrase them lead to the right tools and arguments, and never to an effect by a guess."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from phrased import Place, calls, names, outcome, place, rows, tools_of

from openbook.agent.plan import Given, Parse, Result
from openbook.agent.plan_check import check_plan
from openbook.agent.planner import NotUnderstood, planned

HELD_OUT = 19 / 20
"""Share of the held-out phrasings that come out right: as measured once, after all else was written."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("documents"))


@pytest.mark.parametrize("row", rows("phrasings.jsonl"), ids=lambda row: row["request"][:50])
def test_phrasings_that_the_planner_was_tuned_on(row: dict[str, object], found: Place, tmp_path: Path) -> None:
    assert outcome(row, found, tmp_path) == ""


def test_phrasings_that_it_was_not_written_for(found: Place, tmp_path: Path) -> None:
    held_out = rows("phrasings_held_out.jsonl")
    wrong = {row["request"]: what for n, row in enumerate(held_out) if (what := outcome(row, found, tmp_path / str(n)))}
    assert 1 - len(wrong) / len(held_out) >= HELD_OUT, wrong


def test_no_held_out_phrasing_is_an_example_or_was_tuned_on(found: Place, tmp_path: Path) -> None:
    known = {row["request"] for row in rows("phrasings.jsonl")}
    known |= {example for tool in tools_of(found, tmp_path) for example in tool.examples}
    assert not known & {row["request"] for row in rows("phrasings_held_out.jsonl")}


def test_a_path_or_address_is_always_the_requests_own(found: Place, tmp_path: Path) -> None:
    request = "What is the monthly rent? Write it to rent.txt, then get https://example.org/ and save it in page.txt"
    plan = planned(request, tools_of(found, tmp_path), found.encoder)
    assert names(plan) == ["ask_documents", "write_file", "http_get", "write_file"]
    for call in calls(plan):
        chosen = [call.arguments[name] for name in ("path", "url") if name in call.arguments]
        assert all(isinstance(term, Given) and str(term.value) in request for term in chosen)
    assert calls(plan)[-1].arguments["text"] == Result(calls(plan)[2].id)


def test_a_number_of_an_answer_goes_through_a_typed_reading(found: Place, tmp_path: Path) -> None:
    plan = planned("Multiply the deposit by 2", tools_of(found, tmp_path), found.encoder)
    (reading,) = [step for step in plan.steps if isinstance(step, Parse)]
    assert reading.schema == {"type": "number"}


@pytest.mark.parametrize("request_", ["", " \n", "?!", "x" * 5_000, "Add 1 and 2. " * 13])
def test_what_is_no_request_or_too_long_is_said_in_one_line(request_: str, found: Place, tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood) as error:
        planned(request_, tools_of(found, tmp_path), found.encoder)
    assert "\n" not in str(error.value)


WORDS = st.sampled_from(
    (
        'write save delete if not plan.txt "x" and then the rent it to in . , ? 12 km add by of '
        "https://example.org/ 2024-05-01"
    ).split()
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(WORDS, min_size=1, max_size=12))
def test_whatever_is_typed_gives_a_plan_that_can_run_or_a_line(found: Place, tmp_path: Path, words: list[str]) -> None:
    tools = tools_of(found, tmp_path)
    try:
        plan = planned(" ".join(words), tools, found.encoder)
    except NotUnderstood:
        return
    check_plan(plan, {tool.name: tool for tool in tools})
    for call in calls(plan):
        if call.tool in ("write_file", "http_get"):
            assert not {"not", "if"} & set(words)


def test_without_a_tool_for_it_nothing_is_done_in_its_place(found: Place) -> None:
    with pytest.raises(NotUnderstood, match="ask documents, search documents"):
        planned("Multiply 3 by 4", [*found.documents], found.encoder)
