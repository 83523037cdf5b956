"""The reading side starts light: no module of it brings torch, and the command's own start brings next to nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

import openbook

ROOT = Path(openbook.__file__).parent
MAKING = (
    "openbook.model",
    "openbook.train",
    "openbook.heads",
    "openbook.labs",
    "openbook.align",
    "openbook.diffusion.learn",
    "openbook.generate.torch",
    *(f"openbook.cli.{name}" for name in ("align_base", "aligning", "annotating", "rewarding", "supervising")),
)
"""Rooms of the making side, and what shows their runs: they may import torch, and nothing outside them may import them
on its way in."""
MODULES = sorted(
    ".".join(("openbook", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
    if path.name != "__main__.py"
)
LIGHT = ("openbook.align.rating", "openbook.align.rating_file")
"""Of the rooms of the making side, what the reading side needs."""
READING = [module for module in MODULES if module in LIGHT or not module.startswith(MAKING)]
HEAVY = ("torch", "transformers", "sentence_transformers", "tensorflow")


def loaded(code: str) -> set[str]:
    """The top-level modules in a fresh process after this code."""
    shown = f"{code}\nimport sys\nprint('\\n'.join(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.slow
def test_no_module_of_the_reading_side_brings_torch() -> None:
    """All of them in one process: what none brings together, none brings alone. If one does, it is looked for."""
    if loaded("\n".join(f"import {module}" for module in READING)).intersection(HEAVY):
        brings = [module for module in READING if loaded(f"import {module}").intersection(HEAVY)]
        pytest.fail(f"{', '.join(brings) or 'some'} of the reading side brings torch")


@pytest.mark.slow
@pytest.mark.parametrize("room", sorted({module.split(".")[1] for module in READING if "." in module}))
def test_each_room_can_be_imported_by_itself(room: str) -> None:
    done = subprocess.run([sys.executable, "-c", f"import openbook.{room}"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_starts_without_its_engines() -> None:
    found = loaded("import openbook.cli.main")
    assert not found.intersection(
        {*HEAVY, "numpy", "onnxruntime", "tokenizers", "pymilvus", "selectolax", "watchfiles"}
    )


def test_importing_documents_brings_no_parser() -> None:
    found = loaded("import openbook.documents")
    assert not found.intersection({*HEAVY, "numpy", "pypdfium2", "docx", "lxml", "selectolax"})
