"""The bottom floor stays light: reporting needs the standard library alone."""

import subprocess
import sys

HEAVY = ("numpy", "scipy", "matplotlib", "torch", "rich", "onnxruntime")


def test_no_module_of_the_room_imports_anything_heavy() -> None:
    code = (
        "import importlib, pkgutil, sys, openbook.report as room\n"
        "names = [m.name for m in pkgutil.iter_modules(room.__path__)]\n"
        "[importlib.import_module(f'openbook.report.{name}') for name in names]\n"
        f"print(len(names), [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, found = done.stdout.split(" ", 1)
    assert int(count) > 15
    assert found.strip() == "[]"
