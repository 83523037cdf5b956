"""A prompt over the context is refused with figures, or the beginning of its longest part slides out."""

from dataclasses import replace

import pytest
from tiny_models import CHATML, asked, make_checkpoint

from openbook.errors import OpenbookError
from openbook.generate.local import LocalModel
from openbook.generate.torch_engine import open_torch
from openbook.values import TRUSTED, Decoding, Label, Part

LONG = "".join(f"The pear tree was planted in {year} by the northern wall. " for year in range(1900, 1990))


@pytest.fixture(scope="module", params=["", CHATML])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    folder = tmp_path_factory.mktemp("models") / "llama"
    return open_torch(make_checkpoint(folder, "llama", context=160, chat=request.param), "cpu")


def test_what_fits_is_read_as_it_is(model: LocalModel) -> None:
    for overflow in ("refuse", "slide"):
        assert model.fit(asked("The pear"), Decoding(overflow=overflow)).dropped == 0


@pytest.mark.parametrize("most", [1, 20, 1_000])
def test_the_end_of_the_longest_part_stays_and_there_is_room_to_write(model: LocalModel, most: int) -> None:
    prompt = (Part("Be brief, please.", TRUSTED, "system"), *asked(LONG))
    with pytest.raises(OpenbookError, match="more than the model's context of 160: shorten it"):
        model.fit(prompt, Decoding(most))
    found = model.fit(prompt, Decoding(most, overflow="slide"))
    assert 161 - min(most, 80) - 8 <= len(found.ids) <= 161 - min(most, 80)
    assert found.dropped == len(model.rendering(prompt)) - len(found.ids)
    text = model.tokenizer.decode(found.ids)
    assert "Be brief" in text
    assert "in 1989 by the northern wall." in text
    assert "1900" not in text
    written = list(model.stream(prompt, Decoding(most, overflow="slide")))
    assert len(written) <= min(most, 161 - len(found.ids))


def test_a_fence_stays_whole(model: LocalModel) -> None:
    prompt = (Part(LONG, Label(frozenset({"x"})), "document"), Part("When?", TRUSTED, "user"))
    wide = replace(model, context=400)
    found = wide.fit(prompt, Decoding(1, overflow="slide"))
    assert found.dropped > 0
    text = model.tokenizer.decode(found.ids)
    assert text.count("<document ") == text.count("</document ") == 2  # the note names both


def test_what_cannot_be_cut_short_enough_is_refused(model: LocalModel) -> None:
    many = tuple(Part(f"tree {number}. " * 4, TRUSTED, "user") for number in range(60))
    with pytest.raises(OpenbookError, match="shorten it"):
        model.fit(many, Decoding(overflow="slide"))
