"""How much of a GPU's arithmetic training uses: model FLOPs utilisation, and the peaks that it is a share of."""

import re

from openbook.model import Decoder

PEAKS = {
    "H100 PCIe": 756e12,
    "H100 NVL": 835e12,
    "H100": 989e12,
    "H200": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L4": 121e12,
    "RTX 4090": 165e12,
}
"""Dense BF16 operations a second by words of the device's name, from the makers' data sheets; the first that fits."""


def flops_per_token(weights: int, layers: int, width: int, context: int) -> int:
    """6N + 12·L·d·T: what a token costs forward and backward (Chowdhery et al. 2022, appendix B).

    weights: N, those that a token is multiplied with; layers: L; width: d, of all heads together; context: T. A weight
    is one multiplication and one addition forward, and two of each backward; so is each of the d numbers of T keys and
    T values in each layer. What the causal mask leaves out is counted, and what is computed twice to save memory not.
    """
    return 6 * weights + 12 * layers * width * context


def multiplied(model: Decoder) -> int:
    """The weights that a token is multiplied with: all matrices but tables that are only looked up."""
    tables = [model.position] if model.config.tied else [model.position, model.embedding]
    looked_up = sum(table.weight.numel() for table in tables if table is not None)
    return sum(parameter.numel() for parameter in model.parameters() if parameter.ndim == 2) - looked_up


def peak_of(device: str) -> float | None:
    """The peak of a device by its name, or None where it is not known."""
    fitting = (peak for name, peak in PEAKS.items() if re.search(rf"\b{name}\b", device))
    return next(fitting, None)
