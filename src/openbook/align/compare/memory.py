"""The most memory that the process held since a moment, where the system lets that be asked (Linux)."""

from contextlib import suppress
from pathlib import Path

from openbook.train.peak_memory import peak_memory

_SELF = Path("/proc/self")


def forget_peak() -> None:
    """From here on, where the system can; elsewhere the peak stays that of the whole process."""
    with suppress(OSError):
        (_SELF / "clear_refs").write_text("5", encoding="ascii")


def peak() -> int:
    """Bytes resident at the worst moment since, or of the whole process; 0 where the system does not say."""
    with suppress(OSError, ValueError):
        for line in (_SELF / "status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return peak_memory()
