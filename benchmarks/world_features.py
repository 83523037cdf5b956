"""A classifier of the pictures' world, in whose features the Fréchet distance is taken; it learns from rendered scenes.

A small convolutional network tells how many shapes of each kind and colour there are, and how the groups lie. What its
last layer but one holds of a picture is the features.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from openbook.diffusion.world.render import drawn
from openbook.diffusion.world.scene import COLOURS, KINDS, MOST, RELATIONS, Scene
from openbook.diffusion.world.splits import drawn_scene

FEATURES = 64
SCENES, HELD, PASSES, BATCH, RATE = 30_000, 2000, 10, 200, 2e-3
SEED, TAG = 61, 905
PAIRS = [(kind, colour) for kind in KINDS for colour in COLOURS]


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        sizes = ((3, 32, 1), (32, 64, 2), (64, 64, 2), (64, 64, 2))
        parts = [nn.Sequential(nn.Conv2d(i, o, 3, s, 1), nn.BatchNorm2d(o), nn.SiLU()) for i, o, s in sizes]
        self.features = nn.Sequential(*parts, nn.Flatten(), nn.Linear(64 * 16, FEATURES), nn.Tanh())
        self.counts = nn.Linear(FEATURES, len(PAIRS) * (MOST + 1))
        self.relation = nn.Linear(FEATURES, len(RELATIONS) + 1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, pairs, counts) and (batch, relations) of logits."""
        found = self.features(pictures)
        return self.counts(found).view(len(found), len(PAIRS), MOST + 1), self.relation(found)


def labels(scenes: Sequence[Scene]) -> tuple[Tensor, Tensor]:
    """Of each scene how many there are of each pair, and the relation of the group that comes first among pairs."""
    counts = torch.zeros(len(scenes), len(PAIRS), dtype=torch.long)
    relations = torch.full((len(scenes),), len(RELATIONS))
    for row, scene in enumerate(scenes):
        places = [PAIRS.index((group.kind, group.colour)) for group in scene.groups]
        for place, group in zip(places, scene.groups, strict=True):
            counts[row, place] = group.count
        told = scene if places == sorted(places) else scene.turned
        if told.relation is not None:
            relations[row] = RELATIONS.index(told.relation)
    return counts, relations


def rendered(scenes: Sequence[Scene], tag: int) -> NDArray[np.float32]:
    """(scenes, 3, 32, 32), each from a generator of its own."""
    return np.stack([drawn(scene, np.random.default_rng([SEED, n, tag])) for n, scene in enumerate(scenes)])


def trained(device: torch.device) -> tuple[Classifier, float]:
    """The classifier, and the share of unseen scenes of the training part of which it tells everything right."""
    scenes = [drawn_scene("training", np.random.default_rng([SEED, n, TAG])) for n in range(SCENES + HELD)]
    pictures = torch.from_numpy(rendered(scenes, TAG + 1)).to(device)
    counts, relations = (each.to(device) for each in labels(scenes))
    torch.manual_seed(SEED)
    model = Classifier().to(device)
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.01)
    steps = PASSES * SCENES // BATCH
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, steps)
    order = np.random.default_rng([SEED, TAG + 2])
    for _ in range(PASSES):
        for rows in np.split(order.permutation(SCENES), SCENES // BATCH):
            some = torch.from_numpy(rows).to(device)
            found, told = model(pictures[some])
            loss = len(PAIRS) * cross_entropy(found.flatten(0, 1), counts[some].flatten())
            (loss + cross_entropy(told, relations[some])).backward()
            optimiser.step()
            optimiser.zero_grad()
            plan.step()
    model.eval()
    with torch.inference_mode():
        found, told = model(pictures[SCENES:])
        right = (found.argmax(2) == counts[SCENES:]).all(1) & (told.argmax(1) == relations[SCENES:])
    return model, float(right.float().mean())


def features(model: Classifier, pictures: NDArray[np.float32], device: torch.device) -> NDArray[np.float64]:
    """(pictures, FEATURES)"""
    with torch.inference_mode():
        parts = torch.from_numpy(pictures).split(500)
        return torch.cat([model.features(part.to(device)).cpu() for part in parts]).double().numpy()
