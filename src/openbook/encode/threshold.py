"""The threshold beside a model: a logit, and the model that it was set for."""

import json
from math import isfinite
from pathlib import Path

from openbook.errors import OpenbookError

THRESHOLD = "threshold.json"


def read_threshold(path: Path, scorer: str, remedy: str) -> float:
    """scorer: the digest of the model in use. Raises OpenbookError, which ends with the remedy, where the file is
    missing, malformed, or set for another model.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        threshold, of = float(said["threshold"]), str(said["scorer"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OpenbookError(f"the threshold file {path} cannot be used ({error!r}): {remedy}") from error
    if not isfinite(threshold):
        raise OpenbookError(f"the threshold file {path} cannot be used (it says {threshold}): {remedy}")
    if of != scorer:
        raise OpenbookError(f"the threshold file {path} was set for another model: {remedy}")
    return threshold
