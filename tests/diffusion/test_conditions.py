"""What a denoiser is told: classes, texts, and nothing."""

import numpy as np
import pytest
import torch

from openbook.diffusion.learn.condition import ClassCondition, TextCondition
from openbook.diffusion.learn.pictures import NoisyPictures, Pictures
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.texts import encoded
from openbook.diffusion.variance_preserving import linear
from openbook.encode.token_states import open_token_encoder

YES, NO = torch.tensor([True]), torch.tensor([False])


def test_a_class_has_a_row_and_no_class_another() -> None:
    condition = ClassCondition(3, 8)
    rows = [condition(torch.tensor([number]), YES) for number in range(3)]
    none = [condition(torch.tensor([number]), NO) for number in range(3)]
    assert rows[0].shape == (1, 1, 8)
    assert torch.equal(none[0], none[1])
    assert torch.equal(none[1], none[2])
    assert len({tuple(row.flatten().tolist()) for row in [*rows, none[0]]}) == 4
    with pytest.raises(DiffusionProblem, match="class numbers 0 to 3: take 0 to 2"):
        condition.check(torch.tensor([0, 3]))


def test_a_text_ends_in_weights_of_their_own_and_no_text_is_nothing_else() -> None:
    condition = TextCondition(4, 6, 8)
    given = torch.zeros(1, 4, 6)
    given[:, :2] = torch.randn(1, 2, 6)
    told, none = condition(given, YES), condition(given, NO)
    assert torch.equal(none[0], condition.ended)
    assert torch.equal(told[0, 2:], condition.ended[2:])
    assert not torch.isclose(told[0, :2], condition.ended[:2]).all(dim=1).any()
    assert torch.equal(condition(torch.zeros(1, 4, 6), YES), none)


def test_layers_over_a_text_let_its_tokens_tell_one_another() -> None:
    torch.manual_seed(0)
    condition = TextCondition(4, 6, 8, layers=2, heads=2)
    given = torch.randn(1, 4, 6)
    other = given.clone()
    other[:, 3] = torch.randn(6)
    with torch.no_grad():
        one, two, bare = condition(given, YES), condition(other, YES), TextCondition(4, 6, 8)
        assert not torch.isclose(one[:, 0], two[:, 0]).any()
        assert torch.equal(bare(given, YES)[:, 0], bare(other, YES)[:, 0])
        assert torch.equal(condition(given, NO), condition(other, NO))


def test_texts_come_from_the_shipped_encoder_each_by_itself() -> None:
    encoder = open_token_encoder()
    texts = ["a red circle", "two green triangles above a yellow square"]
    both, alone = encoded(texts, 9, encoder), encoded(texts[:1], 9, encoder)
    assert both.shape == (2, 9, 384)
    assert np.array_equal(both[0], alone[0])
    lengths = np.linalg.norm(both.astype(np.float32), axis=2)
    np.testing.assert_allclose(lengths[0], [1, 1, 1, 0, 0, 0, 0, 0, 0], atol=1e-3)
    assert (lengths[1] > 0).sum() == 7
    with pytest.raises(DiffusionProblem, match=r"a text of 7 tokens where 5 are read .*two green triangles"):
        encoded(texts, 5, encoder)
    with pytest.raises(DiffusionProblem, match="a text is empty"):
        encoded([""], 5, encoder)


@pytest.mark.parametrize("drop", [0.0, 0.1, 1.0])
def test_conditions_are_left_out_at_the_share_that_is_asked_for(drop: float) -> None:
    pictures = Pictures(np.zeros((5, 1, 2, 2), np.uint8), np.zeros(5, np.int64), ("a",))
    rows = NoisyPictures(pictures, np.arange(5), linear(10), drop)
    kept = torch.cat([rows.training(0, step, 100, 0, 100).inputs[6] for step in range(100)]).double()  # type: ignore[misc]
    deviation = (drop * (1 - drop) / kept.numel()) ** 0.5
    assert abs(float(1 - kept.mean()) - drop) <= 4 * deviation
    assert rows.evaluation(0, 5).inputs[6].all()  # type: ignore[union-attr]
