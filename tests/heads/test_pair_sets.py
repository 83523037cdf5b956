"""Which sets may be learnt from, how they are parted, and what is made of them."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.cloze import candidates
from openbook.heads.cloze_pairs import Text, cloze_examples
from openbook.heads.examples import Example
from openbook.heads.free_text import free_texts, passages
from openbook.heads.pair_data import trimmed
from openbook.heads.sets import SETS, UnlicensedSet, read_set
from openbook.heads.split import only, part_of
from openbook.json_lines import BadData
from openbook.values import Span

ROWS = {
    "qa/squad_train.jsonl.gz": [
        {
            "id": f"{title}{n}", "title": title, "question": f"What is {n}?", "context": f"It is {n}, says {title}.",
            "answers": [{"text": str(n), "start": 6}], "answerable": n % 2 == 0,
        }
        for title in map("Title_{}".format, range(40)) for n in range(3)
    ]
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, rows in ROWS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    return tmp_path


def test_a_set_is_read_with_its_labels(folder: Path) -> None:
    found = list(read_set("squad", folder))
    assert len(found) == 120
    assert all(span.of(e.passage) == e.question.split()[-1].rstrip("?") for e in found for span in e.spans)
    assert {bool(e.spans) == e.answerable for e in found} == {True}


@pytest.mark.parametrize("name", ["subjqa", "strategyqa", "SQUAD", ""])
def test_a_set_that_is_not_licensed_for_it_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnlicensedSet, match=r"choose among squad"):
        list(read_set(name, tmp_path))
    with pytest.raises(UnlicensedSet, match="for free text also docs"):
        free_texts([name], tmp_path, "train")


def test_every_set_states_its_licence() -> None:
    assert all(chosen.licence for chosen in SETS.values())


def test_a_missing_set_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="there is no file"):
        list(read_set("nq", tmp_path))


def test_parts_share_no_article(folder: Path) -> None:
    examples = list(read_set("squad", folder))
    parts = [{e.group for e in only(examples, part)} for part in ("train", "calibration", "test")]
    assert all(parts)
    assert sum(map(len, parts)) == len(set().union(*parts)) == 40
    assert part_of("squad", "Title_1") == part_of("squad", "Title_1")


TEXT = (
    "The treaty was signed in Vienna in 1815 by eight powers. It ended a war that had lasted for 23 years. "
    "Prince Klemens von Metternich led the talks, and the borders of the continent were drawn anew."
)


def test_cloze_answers_stand_where_they_say_and_are_not_in_their_question() -> None:
    made = cloze_examples([Text("wikitext", "g", TEXT)], 60, seed=1)
    assert len(made) == 60
    for example in made:
        for span in example.spans:
            assert span.of(example.passage)
            assert span.of(example.passage) not in example.question
        assert example.answerable == bool(example.spans)
    answers = {span.of(e.passage) for e in made for span in e.spans}
    assert {"Vienna", "1815"} <= answers
    assert any("Metternich" in answer for answer in answers)
    assert any(e.answerable is False for e in made)
    assert made == cloze_examples([Text("wikitext", "g", TEXT)], 60, seed=1)


@given(st.text(max_size=300))
def test_candidates_of_any_text_are_spans_of_it(text: str) -> None:
    assert all(span.of(text) and words for span, words in candidates(text))


def test_texts_without_anything_to_ask_end_the_making() -> None:
    assert cloze_examples([Text("docs", "g", "no.")], 5, seed=0) == []
    assert cloze_examples([], 5, seed=0) == []


@given(st.text(alphabet="ab. \n", max_size=4000))
def test_passages_are_bounded(text: str) -> None:
    for passage in passages(text):
        assert 200 <= len(passage) <= 900


@given(st.text(alphabet="abc ", min_size=1, max_size=600), st.data())
def test_a_trimmed_passage_keeps_its_first_answer(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 40)))
    example = Example("1", "squad", "g", "q", text, (), (Span(start, end),), True)
    cut = trimmed(example, 200)
    assert len(cut.passage) <= 240
    assert cut.passage in text
    assert cut.spans[0].of(cut.passage) == text[start:end]
