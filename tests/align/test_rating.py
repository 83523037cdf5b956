"""A person's choices: kept a line each, read as pairs by all who learn from pairs, gone on with after a kill."""

import json
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.align.rating import Choice, tally
from openbook.align.rating_file import keep_choice, kept_choices, refuse_unwritable, take_back
from openbook.errors import OpenbookError

WAYS = ("plain", "model=writer")


def choice(won: int | None, prompt: str = "How much?", first: int = 0, ways: tuple[str, str] = WAYS) -> Choice:
    return Choice(prompt, ways, ("950 euros", "a lot"), won, first, "ada")


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    made = [choice(won, f"{won}{first}", first) for won in (0, 1, None) for first in (0, 1)]
    for one in made:
        keep_choice(path, one)
    for one, found in zip(made, kept_choices(path), strict=True):
        assert found.prompt == one.prompt
        assert dict(zip(found.ways, found.texts, strict=True)) == dict(zip(one.ways, one.texts, strict=True))
        assert found.ways[found.first] == one.ways[one.first]
        assert (found.won is None) == (one.won is None)
        if one.won is not None and found.won is not None:
            assert found.ways[found.won] == one.ways[one.won]


def test_a_choice_is_a_pair_and_a_tie_is_none(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    for won in (1, None):
        keep_choice(path, choice(won))
    first, second = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [first[name] for name in ("prompt", "chosen", "rejected", "annotator")] == [
        "How much?", "a lot", "950 euros", "ada",
    ]  # fmt: skip
    assert first["ways"] == ["model=writer", "plain"]
    assert "chosen" not in second
    assert (second["answer"], second["tied"], second["rating"]) == ("950 euros", "a lot", 0.5)


def test_a_cut_line_is_lost_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    for won in (0, 1):
        keep_choice(path, choice(won, f"{won}"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])  # as a kill in the middle of a line leaves it
    assert [one.prompt for one in kept_choices(path)] == ["0"]
    keep_choice(path, choice(1, "1"))
    assert path.read_bytes() == whole
    path.write_bytes(whole.rstrip(b"\n"))  # as an editor leaves it
    assert len(kept_choices(path)) == 2
    keep_choice(path, choice(0, "2"))
    assert [one.prompt for one in kept_choices(path)] == ["0", "1", "2"]


def test_rows_of_other_origins_stay_and_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('{"prompt": "p", "chosen": "a", "rejected": "b"}\n{"ways": [1, 2], "shown_first": 0}\n')
    keep_choice(path, choice(0))
    assert len(kept_choices(path)) == 1
    assert len(path.read_bytes().splitlines()) == 3
    path.write_text("[]\n{}\n")
    with pytest.raises(OpenbookError, match=r"own\.jsonl:1 is not a JSON object"):
        kept_choices(path)
    with pytest.raises(OpenbookError, match="cannot be read"):
        kept_choices(tmp_path)


def test_a_last_line_that_is_not_ours_is_no_cut_one(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("to buy: bread", encoding="utf-8")
    with pytest.raises(OpenbookError, match=r"notes\.txt:1 is not JSON"):
        kept_choices(path)
    assert path.read_text(encoding="utf-8") == "to buy: bread"


def test_the_last_choice_of_ones_own_is_taken_back_and_every_other_line_stays(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    keep_choice(path, choice(0, "1"))
    others = '{"prompt": "p", "chosen": "a", "rejected": "b"}\n\n'
    with path.open("a", encoding="utf-8") as file:
        file.write(others)
    keep_choice(path, choice(1, "2"))
    keep_choice(path, choice(1, "3", ways=("k=1", "k=2")))
    lines = path.read_bytes().splitlines(keepends=True)

    def mine(one: Choice) -> bool:
        return sorted(one.ways) == sorted(WAYS)

    found = [take_back(path, mine) for _ in range(3)]
    assert [one and one.prompt for one in found] == ["2", "1", None]
    assert path.read_bytes() == b"".join([*lines[1:3], lines[4]])
    assert take_back(tmp_path / "none.jsonl", mine) is None


def test_a_file_that_cannot_be_rewritten_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.jsonl"
    keep_choice(path, choice(0))
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OpenbookError, match="No space left"):
            take_back(path, lambda _: True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_whether_a_file_can_be_written_is_seen_without_a_trace(tmp_path: Path) -> None:
    refuse_unwritable(tmp_path / "a" / "b" / "own.jsonl")
    assert not list(tmp_path.iterdir())
    path = tmp_path / "own.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    refuse_unwritable(path)
    assert path.read_text(encoding="utf-8") == "{}\n"
    with pytest.raises(OpenbookError, match=r"own\.jsonl/x\.jsonl cannot be written"):
        refuse_unwritable(path / "x.jsonl")


def test_a_tally_by_hand() -> None:
    swapped = ("model=writer", "plain")
    found = tally(WAYS, [choice(0), choice(0, first=1), choice(1), choice(0, ways=swapped), choice(None)])
    assert (found.wins, found.ties, found.decided) == ((2, 2), 1, 4)
    assert found.first == 2  # the first and the fourth
    assert found.p_value == 1.0
    assert found.share is not None
    assert found.share.value == 0.5
    assert tally(WAYS, [choice(None)]).p_value is None


@given(st.integers(0, 9), st.integers(0, 3))
def test_the_sign_test_is_the_share_of_all_outcomes_as_uneven(wins: int, losses: int) -> None:
    n = wins + losses
    uneven = [abs(sum(signs)) >= abs(wins - losses) for signs in product((1, -1), repeat=n)]
    found = tally(WAYS, [*[choice(0)] * wins, *[choice(1)] * losses])
    assert found.p_value == (pytest.approx(sum(uneven) / len(uneven)) if n else None)
