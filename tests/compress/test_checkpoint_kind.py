"""A language model, an encoder, or one line that says what the path holds instead and what to give."""

import json
from pathlib import Path

import pytest

from openbook.compress.checkpoint_kind import DECODERS, ENCODERS, kind_of
from openbook.errors import OpenbookError
from openbook.model import families


def folder(path: Path, **files: str) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name.replace("__", ".")).write_text(content)
    return path


def test_config_json_decides(tmp_path: Path) -> None:
    for name in (*DECODERS, *ENCODERS):
        model = folder(tmp_path / name, config__json=json.dumps({"model_type": name}))
        assert kind_of(model) == ("encoder" if name in ENCODERS else "decoder")
    inner = folder(tmp_path / "sentence", modules__json="[]") / "0_Transformer"
    folder(inner, config__json='{"model_type": "bert"}')
    assert kind_of(tmp_path / "sentence") == "encoder"


def test_every_family_that_is_read_is_named_or_refused_by_name() -> None:
    assert {*families.DECODERS, *families.ENCODERS} == {*DECODERS, *ENCODERS, "gpt2"}


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({}, "has no config.json: give the folder of a checkpoint"),
        ({"manifest__json": "{}"}, "is compressed already: give the checkpoint that it was made from"),
        ({"adapter_config__json": "{}"}, "is a LoRA adapter: merge it first, openbook lora merge BASE"),
        ({"model__gguf": "GGUF"}, "holds GGUF files, which are compressed already"),
        ({"config__json": '{"model_type": "gpt2"}'}, "use it as torch:"),
        (
            {"config__json": '{"model_type": "t5"}'},
            "is a t5, which openbook compress does not know: give one of bert",
        ),
        ({"config__json": '{"model_type": 3}'}, "names no model_type"),
        ({"config__json": '{"model_type": "a\\nb"}'}, "names no model_type"),
        ({"config__json": "{"}, "is not valid JSON"),
    ],
)
def test_other_folders_are_named(files: dict[str, str], line: str, tmp_path: Path) -> None:
    with pytest.raises(OpenbookError) as found:
        kind_of(folder(tmp_path / "model", **files))
    assert line in str(found.value)
    assert "\n" not in str(found.value)


def test_of_a_run_the_model_in_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "run" / "model").mkdir(parents=True)
    with pytest.raises(OpenbookError, match=r"give the model in it, .*run/model"):
        kind_of(tmp_path / "run")


def test_files_and_nothing_are_named(tmp_path: Path) -> None:
    for name, content, line in (("a.gguf", b"GGUF\x03", "is a GGUF file"), ("b.bin", b"PK", "b.bin is a file: give")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(OpenbookError, match=line):
            kind_of(tmp_path / name)
    with pytest.raises(OpenbookError, match=r"there is no folder .*check the spelling"):
        kind_of(tmp_path / "none")
    with pytest.raises(OpenbookError, match="cannot be read"):
        kind_of(tmp_path / ("x" * 300))
