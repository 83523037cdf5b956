"""The peer of ``benchmarks.diffusion_speed``: diffusers' U-Net of the same size, trained as its own example does.

UNet2DModel, DDPMScheduler for the noise, AdamW, EMAModel with warm-up, a cosine rate; class labels through
``num_class_embeds``. Everything that is drawn (pictures, levels, noise) is what ours draws at that step.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import mse_loss

from openbook.diffusion.learn.pictures import Noisy

LEVELS = 1000


class Peer:
    """The model with what trains it. settings: channels_last, compile, fused: each true where it is turned on."""

    def __init__(
        self, size: int, channels: int, widths: Sequence[int], classes: int, rate: float, settings: Mapping[str, bool]
    ) -> None:
        from diffusers import UNet2DModel
        from diffusers.training_utils import EMAModel

        deeper = len(widths) - 1
        self.model: Any = UNet2DModel(
            sample_size=size, in_channels=channels, out_channels=channels, layers_per_block=1,
            block_out_channels=tuple(widths), norm_num_groups=8, attention_head_dim=16, num_class_embeds=classes,
            down_block_types=["DownBlock2D", *["AttnDownBlock2D"] * deeper],
            up_block_types=[*["AttnUpBlock2D"] * deeper, "UpBlock2D"],
        )  # fmt: skip
        if settings.get("channels_last"):
            self.model = self.model.to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), lr=rate, betas=(0.9, 0.99), weight_decay=0.0, fused=settings.get("fused", False)
        )
        self.average: Any = EMAModel(self.model.parameters(), decay=0.999, use_ema_warmup=False)
        compiled = settings.get("compile", False)
        self.predict: Callable[..., Any] = torch.compile(self.model, dynamic=False) if compiled else self.model

    @property
    def parameters(self) -> int:
        return sum(p.numel() for p in self.model.parameters())

    def step(self, batch: Noisy, rate: float) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        loss = self._loss(self.predict, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.average.step(self.model.parameters())
        self.optimiser.zero_grad()
        return float(loss.detach())

    def validated(self, batch: Noisy) -> float:
        """The average's loss on pictures kept apart; from now on the model has the average's weights."""
        self.average.copy_to(self.model.parameters())
        with torch.no_grad():
            return float(self._loss(self.model.eval(), batch))

    def drawn(self, noise: NDArray[np.float32], labels: NDArray[np.int64], steps: int) -> NDArray[np.float32]:
        """As DDIMPipeline does, without its conversion to PIL."""
        from diffusers import DDIMScheduler

        scheduler: Any = DDIMScheduler(LEVELS, timestep_spacing="trailing", clip_sample=True)
        scheduler.set_timesteps(steps)
        x = torch.from_numpy(noise)
        told = torch.from_numpy(labels)
        with torch.no_grad():
            for at in scheduler.timesteps:
                x = scheduler.step(self.model(x, at, class_labels=told).sample, at, x, eta=0.0).prev_sample
        return x.numpy()

    def _loss(self, predict: Callable[..., Any], batch: Noisy) -> Any:
        from diffusers import DDPMScheduler

        data, noise, _, _, time, labels, _ = batch.inputs
        assert data is not None
        assert time is not None
        at = (time * LEVELS).round().long() - 1
        noisy = DDPMScheduler(LEVELS).add_noise(data, noise, at)
        return mse_loss(predict(noisy, at, class_labels=labels).sample, noise)
