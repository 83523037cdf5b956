"""A checkpoint at work equals transformers, token by token, and keeps to its bounds."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_models import asked, make_checkpoint
from transformers import AutoModelForCausalLM

from openbook.errors import OpenbookError
from openbook.generate.local import LocalModel
from openbook.generate.torch_engine import local_model, open_torch
from openbook.model import Decoder
from openbook.model.checkpoint import load
from openbook.values import Decoding, Token

PROMPT = "The pear tree 你好"


@pytest.fixture(scope="module")
def model(checkpoint: Path) -> LocalModel:
    return open_torch(checkpoint, "cpu")


def ids_of(model: LocalModel, text: str) -> list[int]:
    return list(model.tokenizer.encode(text).ids)


def text_of(found: list[Token]) -> str:
    return "".join(token.text for token in found)


@torch.inference_mode()
def test_greedy_output_and_its_probabilities_equal_transformers(checkpoint: Path, model: LocalModel) -> None:
    theirs = AutoModelForCausalLM.from_pretrained(checkpoint)
    prompt = torch.tensor([ids_of(model, PROMPT)])
    wanted = theirs.generate(
        prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=40, do_sample=False, output_logits=True,
        return_dict_in_generate=True,
    )  # fmt: skip
    ids = wanted.sequences[0, prompt.shape[1] :].tolist()
    found = list(model.stream(asked(PROMPT), Decoding(max_tokens=40, alternatives=5)))
    assert len(found) > 10
    assert [token.id for token in found] == [n for n in ids if n != 0]
    for token, logits in zip(found, wanted.logits, strict=False):
        logprobs = logits[0].double().log_softmax(-1)
        assert token.logprob == pytest.approx(float(logprobs[token.id]), abs=1e-4)
        best = logprobs.topk(5)
        assert [logprob for _, logprob in token.alternatives] == pytest.approx(best.values.tolist(), abs=1e-4)
    assert text_of(found) == model.tokenizer.decode([token.id for token in found])


@torch.inference_mode()
def test_a_penalised_output_equals_transformers(checkpoint: Path, model: LocalModel) -> None:
    theirs = AutoModelForCausalLM.from_pretrained(checkpoint)
    prompt = torch.tensor([ids_of(model, PROMPT)])
    mask = torch.ones_like(prompt)
    wanted = theirs.generate(prompt, attention_mask=mask, max_new_tokens=40, do_sample=False, repetition_penalty=1.3)
    found = list(model.stream(asked(PROMPT), Decoding(max_tokens=40, repetition_penalty=1.3)))
    assert [token.id for token in found] == [n for n in wanted[0, prompt.shape[1] :].tolist() if n != 0]
    assert [token.id for token in found] != [token.id for token in model.stream(asked(PROMPT), Decoding(40))]


@pytest.mark.parametrize("decoding", [Decoding(60, 1.5, seed=3), Decoding(60, 0.8, 20, 0.9, seed=4)])
def test_the_joined_text_is_that_of_all_ids_and_a_seed_repeats_it(model: LocalModel, decoding: Decoding) -> None:
    first, second = (list(model.stream(asked(PROMPT), decoding)) for _ in range(2))
    assert first == second
    assert text_of(first) == model.tokenizer.decode([token.id for token in first])
    other = list(model.stream(asked(PROMPT), Decoding(60, 1.5, seed=99)))
    assert [token.id for token in other] != [token.id for token in first]


def test_a_stop_text_ends_the_output_wherever_tokens_part_it(model: LocalModel) -> None:
    whole = text_of(list(model.stream(asked(PROMPT), Decoding(max_tokens=40))))
    middle = len(whole) // 2
    for stop in (whole[middle : middle + 3], whole[middle : middle + 12]):
        found = list(model.stream(asked(PROMPT), Decoding(max_tokens=40, stop=("never there", stop))))
        assert text_of(found) == whole[: whole.index(stop)]


def test_the_end_of_text_ends_and_is_not_shown(checkpoint: Path, model: LocalModel) -> None:
    plain = [token.id for token in model.stream(asked(PROMPT), Decoding(max_tokens=20))]
    ended = replace(model, ends=frozenset({plain[7]}))
    found = list(ended.stream(asked(PROMPT), Decoding(max_tokens=20)))
    assert [token.id for token in found if not token.nothing] == plain[: plain.index(plain[7])]
    assert found[-1].finish == "end"


def test_a_prompt_over_the_context_says_by_how_much(model: LocalModel) -> None:
    context = model.context
    prompt = "tree" * 300
    over = len(ids_of(model, prompt)) - context
    assert over > 0
    with pytest.raises(OpenbookError, match=rf"{over:,} more than the model's context of {context}"):
        next(model.stream(asked(prompt), Decoding()))


def test_the_context_is_filled_to_its_last_place_and_no_further(model: LocalModel) -> None:
    context = model.context
    never = replace(model, ends=frozenset())
    room = context - len(ids_of(never, PROMPT)) + 1
    found = list(never.stream(asked(PROMPT), Decoding(max_tokens=1_000)))
    assert (len(found), found[-1].finish) == (room, "context")
    for most, finish in ((room, "max_tokens"), (room + 1, "context"), (3, "max_tokens")):
        assert [token.finish for token in never.stream(asked(PROMPT), Decoding(most))][-1] == finish


def test_streams_of_one_model_do_not_disturb_each_other(model: LocalModel) -> None:
    alone = list(model.stream(asked(PROMPT), Decoding(max_tokens=10)))
    other = model.stream(asked("Ein Maß"), Decoding(max_tokens=10))
    between: list[Token] = []
    for token in model.stream(asked(PROMPT), Decoding(max_tokens=10)):
        next(other, None)
        assert not torch.is_inference_mode_enabled()
        between.append(token)
    assert between == alone


def test_padded_rows_are_never_chosen(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "gpt2", "gpt2")
    opened = open_torch(folder, "cpu")
    padded = set(range(opened.tokenizer.size, opened.vocabulary))
    assert padded
    decoder, _ = load(folder)
    assert isinstance(decoder, Decoder)
    with torch.no_grad():
        decoder.unembedding.weight[sorted(padded)] *= 50
    model = local_model(opened.name, decoder, opened.rendering, opened.ends)
    found = list(model.stream(asked(PROMPT), Decoding(60, 5.0, alternatives=3)))
    assert len(found) > 10
    assert not padded & {token.id for token in found}


def test_equal_folders_have_equal_names_and_other_weights_another(tmp_path: Path) -> None:
    first = make_checkpoint(tmp_path / "a" / "tiny", "llama")
    second = make_checkpoint(tmp_path / "b" / "tiny", "llama")
    names = [open_torch(folder, "cpu").name for folder in (first, second)]
    assert names[0] == names[1]
    assert names[0].startswith("torch:tiny@")
    weights = bytearray((second / "model.safetensors").read_bytes())
    weights[-5] ^= 1
    (second / "model.safetensors").write_bytes(bytes(weights))
    assert open_torch(second, "cpu").name != names[0]


def test_a_model_that_names_no_end_stops_at_gpt2s(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "x", "llama")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "eos_token_id": None}))
    (folder / "generation_config.json").unlink()
    assert open_torch(folder, "cpu").ends == {0}
    (folder / "generation_config.json").write_text('{"eos_token_id": [2, 1]}')
    assert open_torch(folder, "cpu").ends == {1, 2}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tokenizer.json", None, "tokenizer.json"),
        ("config.json", '{"model_type": "mamba"}', "model_type"),
        ("tokenizer_config.json", "[]", "no JSON object"),
        ("generation_config.json", "{", "no JSON object"),
    ],
)
def test_a_broken_folder_is_one_line(tmp_path: Path, name: str, content: str | None, said: str) -> None:
    folder = make_checkpoint(tmp_path / "x", "gpt2")
    (folder / name).unlink(missing_ok=True)
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(OpenbookError, match=said) as caught:
        open_torch(folder, "cpu")
    assert "\n" not in str(caught.value)
