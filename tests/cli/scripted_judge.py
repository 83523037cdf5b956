"""A judge of a few lines for ``openbook eval judge``, and the command run with it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import log
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from openbook.cli.main import app
from openbook.errors import OpenbookError
from openbook.values import Decoding, Prompt, Token


@dataclass
class LongerIsBetter:
    """Scores by words, and prefers the longer of two; log-probabilities unless told not to. confused: says no score of
    the first so many texts.
    """

    name: str = "longer"
    logprobs: bool = True
    confused: int = 0
    asked: int = 0
    prompts: list[Prompt] = field(default_factory=list)

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
        self.asked += 1
        self.prompts.append(prompt)
        texts = [part.text for part in prompt if part.role == "document"]
        if not texts:
            yield Token(-1, '{"steps": ["Count the words."]}')
        elif self.confused and len({str(p) for p in self.prompts if p[-1].text.startswith("Reply")}) <= self.confused:
            yield Token(-1, "Sure! I would say\nit is quite good.")
        elif "first text" in " ".join(part.text for part in prompt):
            yield Token(-1, f'{{"better": "{"first" if len(texts[-2]) > len(texts[-1]) else "second"}"}}')
        else:
            score = str(min(5, len(texts[-1].split())))
            alternatives = ((score, log(0.75)), ("5", log(0.25))) if self.logprobs else ()
            yield Token(-1, '{"score": ')
            yield Token(-1, score, log(0.75), alternatives)
            yield Token(-1, "}")


@dataclass
class Ran:
    code: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Judging = Callable[..., Ran]


@pytest.fixture
def model() -> LongerIsBetter:
    return LongerIsBetter()


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: LongerIsBetter) -> Judging:
    def opened(spec: str) -> LongerIsBetter:
        assert spec == "scripted:judge"
        return model

    monkeypatch.setattr("openbook.generate.open.open_model", opened)

    def go(rows: list[dict[str, Any]] | str, *arguments: str) -> Ran:
        path = tmp_path / "texts.jsonl"
        text = rows if isinstance(rows, str) else "".join(json.dumps(row) + "\n" for row in rows)
        path.write_text(text, encoding="utf-8")
        common = ("--model", "scripted:judge", "--cache", str(tmp_path / "replies.sqlite"))
        done = CliRunner().invoke(app, ["eval", "judge", str(path), *common, *arguments])
        error = done.exception
        assert error is None or isinstance(error, OpenbookError | SystemExit), repr(error)
        code = 2 if isinstance(error, OpenbookError) else done.exit_code
        return Ran(code, done.stdout, f"{done.stderr}{error or ''}")

    return go
