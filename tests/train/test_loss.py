"""Chunked cross-entropy is the equation, its gradients included, and never holds all logits."""

import pytest
import torch
from torch import Tensor, nn

from openbook.train import loss as losses
from openbook.train.loss import IGNORED, chunked_cross_entropy, cross_entropy, cross_entropy_by_the_equation


def drawn(tokens: int = 50, width: int = 12, vocabulary: int = 37, ignored: int = 9) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(tokens, width, generator=generator, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(vocabulary, width, generator=generator, dtype=torch.float64, requires_grad=True)
    targets = torch.randint(0, vocabulary, (tokens,), generator=generator)
    targets[torch.randperm(tokens, generator=generator)[:ignored]] = IGNORED
    return hidden, weight, targets


@pytest.mark.parametrize("rows", [1, 7, 25, 49, 50, 1000])
def test_loss_and_gradients_are_those_of_the_equation(rows: int) -> None:
    hidden, weight, targets = drawn()
    expected = cross_entropy_by_the_equation(hidden, weight, targets)
    # the equation sums in FP32, as the kernels do; its gradients come in FP64
    wanted = torch.autograd.grad(expected * 3, [hidden, weight])
    found = chunked_cross_entropy(hidden, weight, targets, logits=rows * 37)
    got = torch.autograd.grad(found * 3, [hidden, weight])
    assert found.item() == pytest.approx(expected.item(), rel=1e-6)
    for ours, theirs in zip(got, wanted, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)


def test_gradcheck() -> None:
    hidden, weight, targets = drawn(tokens=6, width=3, vocabulary=5, ignored=2)
    torch.autograd.gradcheck(lambda h, w: chunked_cross_entropy(h, w, targets, logits=10), (hidden, weight))


def test_a_tied_weight_gets_the_gradient_of_both_its_uses() -> None:
    def gradient(loss: object) -> Tensor:
        torch.manual_seed(0)
        table = nn.Embedding(300, 8)
        ids = torch.randint(0, 300, (40,))
        hidden = torch.tanh(table(ids))
        assert callable(loss)
        loss(hidden, table.weight, ids.roll(-1)).backward()
        assert table.weight.grad is not None
        return table.weight.grad

    chunked = gradient(lambda h, w, t: chunked_cross_entropy(h, w, t, logits=7 * 300))
    torch.testing.assert_close(chunked, gradient(cross_entropy), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("wanted", ["hidden", "weight"])
def test_only_what_is_wanted_gets_a_gradient(wanted: str) -> None:
    hidden, weight, targets = drawn()
    (weight if wanted == "hidden" else hidden).requires_grad_(False)
    chunked_cross_entropy(hidden, weight, targets, logits=100).backward()
    assert (hidden.grad is not None, weight.grad is not None) == (wanted == "hidden", wanted == "weight")


def test_nothing_to_learn_from_is_a_loss_of_nought() -> None:
    hidden, weight, targets = drawn()
    found = chunked_cross_entropy(hidden, weight, torch.full_like(targets, IGNORED), logits=100)
    found.backward()
    assert found.item() == 0
    assert hidden.grad is not None
    assert not hidden.grad.any()


def test_in_bf16_the_sums_stay_in_fp32() -> None:
    hidden, weight, targets = drawn(tokens=200)
    hidden, weight = hidden.detach().float().requires_grad_(), weight.detach().float().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        chunked, plain = chunked_cross_entropy(hidden, weight, targets, 20 * 37), cross_entropy(hidden, weight, targets)
    assert chunked.dtype == torch.float32
    assert chunked.item() == pytest.approx(plain.item(), rel=1e-5)
    ours, theirs = (torch.autograd.grad(value, [hidden, weight]) for value in (chunked, plain))
    for one, other in zip(ours, theirs, strict=True):
        assert one.dtype == torch.float32
        assert torch.nn.functional.cosine_similarity(one.flatten(), other.flatten(), dim=0) > 0.9999


def test_no_tensor_of_all_logits_is_ever_made(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens, vocabulary = 64, 1000
    hidden = torch.randn(tokens, 8, requires_grad=True)
    weight = torch.randn(vocabulary, 8, requires_grad=True)
    targets = torch.randint(0, vocabulary, (tokens,))

    class Largest(torch.utils._python_dispatch.TorchDispatchMode):
        elements = 0

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            result = func(*args, **(kwargs or {}))
            for value in result if isinstance(result, tuple | list) else [result]:
                if isinstance(value, Tensor):
                    self.elements = max(self.elements, value.numel())
            return result

    with Largest() as seen:
        chunked_cross_entropy(hidden, weight, targets, logits=16 * vocabulary).backward()
    assert seen.elements == 16 * vocabulary
    with Largest() as seen:
        cross_entropy(hidden, weight, targets).backward()
    assert seen.elements == tokens * vocabulary
    assert 16 * vocabulary < losses.LOGITS


def test_a_gpu_holds_more_at_once_than_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere than on a CPU, for which the device of shapes alone stands here."""
    taken: list[int] = []
    monkeypatch.setattr(losses._Chunked, "apply", lambda hidden, weight, targets, rows: taken.append(rows))
    for device in ("cpu", "meta"):
        hidden, weight = torch.empty(2**13, 1, device=device), torch.empty(2**15, 1, device=device)
        chunked_cross_entropy(hidden, weight, torch.zeros(2**13, dtype=torch.int64, device=device))
    assert taken == [losses.LOGITS // 2**15, losses.LOGITS_ON_GPU // 2**15]
