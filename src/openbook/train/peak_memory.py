"""The most memory that this process held at once, as the system counts it."""

import sys


def peak_memory() -> int:
    """Bytes resident at the worst moment; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
