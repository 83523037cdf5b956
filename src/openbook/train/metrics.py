"""Metrics as JSON lines, appended as training goes; a resumed run takes back what it is about to do again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from openbook.train.whole import cannot_write, write_whole

Row = Mapping[str, Any]


class Metrics:
    """One file. Each row has a step; a row is on disk when ``add`` returns, whole unless the machine dies."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, row: Row) -> None:
        """Raises TrainProblem where the disk is full."""
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def rows(self) -> list[dict[str, Any]]:
        """What was written so far; a last line that was cut off is left out."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        found: list[dict[str, Any]] = []
        for line in lines:
            try:
                row: Any = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict) and isinstance(cast("dict[str, Any]", row).get("step"), int):
                found.append(cast("dict[str, Any]", row))
        return found

    def back_to(self, step: int) -> None:
        """Keep the rows up to this step alone."""
        kept = [row for row in self.rows() if row["step"] <= step]
        write_whole(self.path, "".join(json.dumps(row) + "\n" for row in kept).encode("utf-8"))
