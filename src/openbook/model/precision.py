"""One rounding for an input that several linear layers read: autocast would round it again for each of them."""

import torch
from torch import Tensor


def for_products(x: Tensor) -> Tensor:
    """``x`` in the precision that its products run in: the autocast one where it is on, else its own."""
    kind = x.device.type
    return x.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else x
