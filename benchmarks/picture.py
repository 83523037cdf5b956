"""The picture in the README: a real answer, as the command drew it on a terminal. Run: python -m benchmarks.picture"""

import io
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from benchmarks.data import ROOT

QUESTION = "How does LoRA save memory?"
COLUMNS = 88


def on_a_terminal(command: list[str]) -> str:
    """What the command prints when its output is a terminal of ``COLUMNS`` columns, colours and all."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(command, stdout=follower, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT) as process:
        os.close(follower)
        written = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # how Linux says that the other end has been closed
                break
            if not piece:
                break
            written += piece
        process.wait()
    os.close(leader)
    return written.decode("utf-8").replace("\r\n", "\n")


def draw(path: Path) -> None:
    command = ["openbook", "ask", QUESTION, "handbook/"]
    shown = on_a_terminal([sys.executable, "-m", *command])
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(f"$ {shlex.join(command)}\n{shown}".rstrip()))
    svg = console.export_svg(title="openbook ask", unique_id="ask")
    path.write_text(re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL), encoding="utf-8")  # no outside fonts


if __name__ == "__main__":
    draw(ROOT / "docs" / "ask.svg")
