"""Preferences are read as their files mean them; what cannot teach is left out and counted, or refused in one line."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.align.preference_facts import facts_of
from openbook.align.preference_rows import Pair, Rating, as_pairs
from openbook.align.preferences import checked, read, read_pairs, write_pairs
from openbook.align.transcripts import TURN, cut
from openbook.json_lines import BadData


def written(path: Path, *rows: Any) -> Path:
    text = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    content = text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def pair(prompt: str = "p", chosen: str = "a", rejected: str = "b") -> dict[str, str]:
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected}


texts = st.text("abé☃ \u00a0'\"\\{}<", min_size=1, max_size=8).filter(lambda text: bool(text.strip()))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.builds(Pair, texts, texts, texts, st.sampled_from(["", "ann"]), st.sampled_from(["", "7"]))))
def test_what_was_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, pairs: list[Pair]) -> None:
    kept = checked(pairs).pairs
    path = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"
    write_pairs(path, kept)
    if kept:
        assert read(path).pairs == kept
        assert not read(path).left_out
    else:
        with pytest.raises(BadData, match="no pair to learn from"):
            read(path)


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.jsonl.gz"])
def test_what_cannot_teach_is_left_out_and_counted(tmp_path: Path, name: str) -> None:
    rows = [pair(), pair(chosen="same", rejected="same"), pair(rejected=" \n"), pair(prompt=""), pair(), "\n"]
    found = read(written(tmp_path / name, *rows))
    assert found.pairs == (Pair("p", "a", "b"),)
    assert found.left_out == {
        "with identical replies": 1, "with an empty reply": 1, "with an empty prompt": 1, "repeated": 1,
    }  # fmt: skip
    assert dict(found.notes)["left out, repeated"] == "1 pair"


def test_an_annotator_or_id_may_be_a_number_or_nothing(tmp_path: Path) -> None:
    rows = [{**pair(), "annotator": None, "id": 7}, {**pair(), "annotator": 3}]
    found = read_pairs(written(tmp_path / "pairs.jsonl", *rows))
    assert [(one.annotator, one.id) for one in found] == [("", "7"), ("3", "")]


def test_the_same_choice_of_another_annotator_is_no_repetition() -> None:
    both = [Pair("p", "a", "b", "ann"), Pair("p", "a", "b", "bo"), Pair("p", "b", "a", "bo")]
    assert checked(both).pairs == tuple(both)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([pair(), {"prompt": "p", "chosen": "a"}], ":2 has neither texts or lists of messages in prompt"),
        ([{**pair(), "prompt": None}], ":1 has neither"),
        ([{"prompt": "p", "answer": "a", "rating": True}], ":1 has neither"),
        (['{"prompt": "p", "answer": "a", "rating": NaN}\n'], ":1 has neither"),
        ([{"prompt": "p", "answer": "a", "rating": 10**300}], ":1 has neither"),
        (["{\n"], ":1 is not JSON"),
        (["[1]\n"], ":1 is not a JSON object"),
        ([], "it is empty"),
        ([pair(chosen="b")], "1 pair with identical replies"),
        ([pair(chosen=" ")] * 8, r"\(8 pairs with an empty reply\)"),
        ([{"prompt": p, "answer": "a", "rating": n} for n, p in enumerate("pqrs")], "4 ratings, but no prompt has two"),
        ([{"prompt": "p", "answer": answer, "rating": 3} for answer in "abc"], "every rating in .* is 3"),
    ],
)
def test_what_is_no_preference_is_refused_in_one_line(tmp_path: Path, rows: list[Any], said: str) -> None:
    with pytest.raises(BadData, match=said) as refused:
        read(written(tmp_path / "pairs.jsonl", *rows))
    assert "\n" not in str(refused.value)


def test_a_missing_or_broken_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"there is no file .*none\.jsonl: check"):
        read(tmp_path / "none.jsonl")
    with pytest.raises(BadData, match="is a folder: name a file"):
        read(tmp_path)
    with pytest.raises(BadData, match=r":2 is longer than 1,000,000 bytes, the most of a line: shorten it"):
        read(written(tmp_path / "long.jsonl", pair(), pair(chosen="a" * 1_000_000)))
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b"{}" * 100)[:-9])
    with pytest.raises(BadData, match="no whole gzip file"):
        read(tmp_path / "cut.jsonl.gz")


def test_ratings_are_the_pairs_that_they_order(tmp_path: Path) -> None:
    rated = [("a", 1, "ann"), ("b", 3, "ann"), ("c", 3, "ann"), ("a", 5, "bo")]
    rows = [{"prompt": "p", "answer": a, "rating": r, "annotator": by} for a, r, by in rated]
    assert read_pairs(written(tmp_path / "r.jsonl", *rows)) == [Pair("p", "b", "a", "ann"), Pair("p", "c", "a", "ann")]


def test_ratings_beside_no_other_are_counted(tmp_path: Path) -> None:
    rated = [
        ("p", "a", 1, "ann"),
        ("p", "b", 2, "ann"),
        ("p", "c", 2, "bo"),
        ("q", "a", 1, "ann"),
        ("q", "b", 1, "ann"),
    ]
    rows = [{"prompt": p, "answer": a, "rating": r, "annotator": by} for p, a, r, by in rated]
    found = read(written(tmp_path / "r.jsonl", *rows))
    assert (len(found.pairs), found.unpaired) == (1, 3)
    assert dict(found.notes) == {"left out, beside no other": "3 ratings"}


def test_ratings_that_would_make_too_many_pairs_are_refused() -> None:
    with pytest.raises(BadData, match="more than 1,000,000 pairs"):
        as_pairs([Rating("p", "a", 1.0)] * 1500)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (("Human: hi", f"Human: hi{TURN} yes", f"Human: hi{TURN} no"), (f"Human: hi{TURN}", " yes", " no")),
        ((f"Human: hi{TURN}", f"Human: hi{TURN} yes", f"Human: hi{TURN} no"), (f"Human: hi{TURN}", " yes", " no")),
        (("", f"Human: hi{TURN} yes{TURN}", f"Human: hi{TURN} yea"), (f"Human: hi{TURN}", f" yes{TURN}", " yea")),
        (("a", "apple", "ant"), ("a", "apple", "ant")),  # a reply may begin like its prompt
        (("hi", f"hi{TURN} yes", "no"), ("hi", f"hi{TURN} yes", "no")),
        (("", "yes", "no"), ("", "yes", "no")),
    ],
)  # fmt: skip
def test_transcripts_are_cut_to_their_replies(given: tuple[str, str, str], wanted: tuple[str, str, str]) -> None:
    assert cut(*given) == wanted


def test_facts_of_a_set() -> None:
    pairs = [
        Pair("p", "long", "no", "ann"), Pair("p", "long", "no", "bo"), Pair("q", "x", "yes", "ann"),
        Pair("q", "yes", "x", "bo"), Pair("r", "ab", "cd", "ann"), Pair("r", "cd", "ab", "ann"),
    ]  # fmt: skip
    facts = facts_of(pairs)
    assert (facts.pairs, facts.prompts, facts.annotators, facts.contradicted) == (6, 3, 2, 1)
    assert facts.longer_chosen is not None
    assert (facts.longer_chosen.value, facts.longer_chosen.n) == (0.75, 4)
    assert facts.agreement is not None
    assert (facts.agreement.comparisons, facts.agreement.share) == (2, 0.5)
    # alpha by hand: values 1,1 and 0,1: observed (2/1)/4, expected 2·3·1/(4·3)
    assert facts.agreement.alpha == pytest.approx(1 - (2 / 4) / (6 / 12))
    assert dict(facts.notes) == {
        "the longer is chosen": "0.750 (0.256 to 0.963)",
        "contradictions": "1 comparison that an annotator decided both ways: mend or remove them",
        "annotators agree": "0.500 of 2 shared comparisons, alpha 0.00",
    }
    assert facts_of(pairs[:1]).agreement is None
    assert not facts_of(pairs[4:5]).notes
