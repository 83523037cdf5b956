"""The palette's promise, measured: apart for normal and colour-blind eyes, and apart from the ground."""

from itertools import combinations

import numpy as np
import pytest

from openbook.report.palette import INK, MUTED, SERIES, SURFACE

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
EYES = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = TO_XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1, 1.08883])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    luminance = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (luminance[1] + 0.05) / (luminance[0] + 0.05)


@pytest.mark.parametrize("ground", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("eye", EYES)
def test_series_colours_are_told_apart(ground: int, eye: str) -> None:
    seen = [lab(np.array(EYES[eye]) @ linear(shade[ground])) for shade in SERIES]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) >= 18


@pytest.mark.parametrize("ground", [0, 1], ids=["light", "dark"])
def test_everything_stands_out_from_the_ground(ground: int) -> None:
    assert all(contrast(shade[ground], SURFACE[ground]) >= 3 for shade in SERIES)
    assert contrast(INK[ground], SURFACE[ground]) >= 12
    assert contrast(MUTED[ground], SURFACE[ground]) >= 4.5  # small text, WCAG AA
