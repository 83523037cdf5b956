"""Scikit-learn's digits: 1,797 handwritten, of 8 by 8 grey pixels (Alpaydin and Kaynak 1998), bundled with it."""

from typing import Any, cast

import numpy as np

from openbook.diffusion.learn.pictures import Pictures
from openbook.errors import MissingExtra

SIZE = 8


def digits() -> Pictures:
    """White on black, (1797, 1, 8, 8); each digit is a class. Raises MissingExtra without scikit-learn."""
    try:
        from sklearn.datasets import load_digits  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]
    except ModuleNotFoundError:
        raise MissingExtra("the digits", "pictures") from None
    found = cast("Any", load_digits)()
    values = np.rint(np.asarray(found.images, np.float64)[:, None] * (255 / 16)).astype(np.uint8)
    return Pictures(values, np.asarray(found.target, np.int64), tuple(map(str, range(10))))
