"""A network with what it is told to draw: one module, whose weights are what is trained, averaged and kept."""

import numpy as np
import torch
from torch import Tensor, nn

from openbook.diffusion.denoise import Denoise, check_guidance, guided
from openbook.diffusion.learn.condition import ClassCondition, Condition
from openbook.diffusion.learn.dit import Dit
from openbook.diffusion.learn.unet import Unet
from openbook.diffusion.level import Array, Level
from openbook.diffusion.prediction import Prediction, to_data
from openbook.diffusion.problems import DiffusionProblem


class Denoiser(nn.Module):
    """network: what predicts. condition: makes its tokens, or None for pictures of nothing in particular."""

    def __init__(self, network: Unet | Dit, condition: Condition | None) -> None:
        super().__init__()
        self.network = network
        self.condition = condition

    def forward(self, x: Tensor, time: Tensor, given: Tensor | None, kept: Tensor) -> Tensor:
        """x: (batch, channels, size, size), of unit spread; time: (batch,); given: class numbers, or texts' vectors, a
        row for each x or one for all, None for nothing; kept: (batch,) bool, false where the condition is not told.
        Returns the prediction, of x's shape.
        """
        if self.condition is None:
            return self.network(x, time, None)
        if given is None:
            given, kept = self.condition.nothing(), torch.zeros_like(kept)
        tokens = self.condition(given, kept)
        return self.network(x, time, tokens)


def denoise_of(denoiser: Denoiser, kind: Prediction, given: Tensor | None = None, guidance: float = 1.0) -> Denoise:
    """The module as the samplers call it, in evaluation mode and without gradients. given: one for each x of a batch.

    guidance: 1 the condition as learnt, 0 without it; else both are asked and mixed (``guided``).
    Raises DiffusionProblem as ``check_guidance`` does, for a guidance where there is nothing to be guided by, and for a
    class that the denoiser does not know.
    """
    check_guidance(guidance)
    if denoiser.condition is None and (given is not None or guidance != 1):
        raise DiffusionProblem("this denoiser was trained without a condition: give none, and leave guidance at 1")
    if isinstance(denoiser.condition, ClassCondition) and given is not None:
        denoiser.condition.check(given)
    if given is None or guidance == 1:
        return _told(denoiser, kind, given, told=given is not None)
    free = _told(denoiser, kind, given, told=False)
    return free if guidance == 0 else guided(_told(denoiser, kind, given, told=True), free, guidance)


def _told(denoiser: Denoiser, kind: Prediction, given: Tensor | None, *, told: bool) -> Denoise:
    device = next(denoiser.parameters()).device

    def denoise(x: Array, level: Level) -> Array:
        batch = len(x)
        with torch.inference_mode():
            scaled = torch.from_numpy(np.float32(1 / level.spread) * x.astype(np.float32)).to(device)  # pyright: ignore[reportUnknownMemberType]
            time = torch.full((batch,), level.time, device=device)
            kept = torch.full((batch,), told, device=device)
            found = denoiser.eval()(scaled, time, given, kept)
        return to_data(found.float().cpu().numpy().astype(x.dtype), x, level, kind)

    return denoise
