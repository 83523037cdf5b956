"""The machine in words: processor, what of it matters for INT8, cores, memory, system; nothing that names a host."""

import os
import platform
import re
import subprocess
from pathlib import Path

# What decides how fast, and on older processors how exactly, 8-bit products run.
_INSTRUCTIONS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm")


def in_words() -> str:
    """Such as ``AMD EPYC 7B13 (avx2, avx512f), 2 cores, 8 GB, Debian GNU/Linux 12 (bookworm), x86_64``."""
    processor, instructions = _processor()
    able = f" ({', '.join(instructions)})" if instructions else ""
    memory, cores = _memory(), _cores()
    parts = [
        f"{processor}{able}",
        f"{cores} core{'s' if cores > 1 else ''}",
        *([f"{memory / 2**30:.0f} GB"] if memory else []),
        _system(),
        platform.machine(),
    ]
    return ", ".join(part for part in parts if part)


def _processor() -> tuple[str, list[str]]:
    try:
        facts = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        facts = ""
    name = re.search(r"^(?:model name|Model)\s*:\s*(.+)$", facts, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", facts, re.MULTILINE)
    able = set(flags[1].split()) if flags else set[str]()
    known = name[1].strip() if name else _mac_processor() or platform.processor() or "unknown processor"
    return known, [instruction for instruction in _INSTRUCTIONS if instruction in able]


def _mac_processor() -> str:
    if platform.system() != "Darwin":
        return ""
    asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _cores() -> int:
    """The cores this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        mac = platform.mac_ver()[0]
        return f"macOS {mac}" if mac else f"{platform.system()} {platform.release()}"
