"""The files that ``openbook eval text`` compares, line by line, and what it measures of them."""

from collections.abc import Sequence
from pathlib import Path

from openbook.cli.typed import piped
from openbook.errors import OpenbookError
from openbook.evaluate.bleu import BleuSettings, Smoothing
from openbook.evaluate.bleu_tokens import Tokeniser
from openbook.evaluate.chrf import ChrfSettings
from openbook.evaluate.overlap import MEASURES, Measured, OverlapSettings, measured

MAX_BYTES = 2_000_000_000


def judged(
    hypotheses: str,
    references: Sequence[str],
    measures: Sequence[str] | None,
    tokens: Tokeniser,
    smoothing: Smoothing,
    *,
    lowercase: bool,
    stem: bool,
) -> tuple[list[str], list[Measured]]:
    """The texts, and every measure of them. Raises OpenbookError in one line for files that do not go together."""
    names = list(dict.fromkeys(measures or MEASURES))
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise OpenbookError(f"there is no measure {unknown[0]}: name one of {', '.join(MEASURES)}")
    if [hypotheses, *references].count("-") > 1:
        raise OpenbookError("standard input can stand for one file only: name the others")
    texts = _lines(hypotheses)
    if not texts:
        raise OpenbookError(f"{hypotheses} has no line: give at least one text to judge")
    columns = [_lines(name) for name in references]
    for name, column in zip(references, columns, strict=True):
        if len(column) != len(texts):
            raise OpenbookError(
                f"lines: {len(column):,} in {name}, {len(texts):,} in {hypotheses}; line n is the reference of line n: "
                "give as many"
            )
    settings = OverlapSettings(
        BleuSettings(tokens, smoothing, lowercase=lowercase), ChrfSettings(lowercase=lowercase), stem
    )
    return texts, measured(texts, list(zip(*columns, strict=True)), names, settings)


def _lines(name: str) -> list[str]:
    """Without the line ends; the last line may have none. Only line feeds end lines, as in every other tool."""
    try:
        data = piped(MAX_BYTES + 1) if name == "-" else _read(Path(name))
    except OSError as error:
        raise OpenbookError(f"{name} cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise OpenbookError(f"{name} is over {MAX_BYTES // 10**9} GB: split it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise OpenbookError(f"{name} is not UTF-8 at line {line:,}: convert it, for example with iconv") from error
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
