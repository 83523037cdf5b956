"""Fine-tuning from a recipe: the loss sees answers alone, packing changes nothing, an adapter learns and goes on."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from openbook import tokens
from openbook.model import Decoder, DecoderConfig, checkpoint, masks
from openbook.model.attention import attention_by_the_equation
from openbook.train import answers, finetune, lora, peft_format
from openbook.train.finetune_merge import merge_folders
from openbook.train.finetune_objective import AnswerObjective
from openbook.train.finetune_recipe import AnswerData, Base, FinetuneRecipe
from openbook.train.lora_targets import LoraConfig
from openbook.train.loss import IGNORED
from openbook.train.peft_files import WEIGHTS
from openbook.train.problems import TrainProblem
from openbook.train.recipe import Optimiser, Out, Schedule, Train
from openbook.train.watch import Watch
from openbook.train.within_documents import WithinDocuments, spans_of

WORDS = "one two three four five six seven eight nine ten red green blue".split()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    tokenizer = tokens.train_bpe([" ".join(WORDS) * 3], 300, special=["<|end|>"])
    torch.manual_seed(0)
    model = Decoder(DecoderConfig(tokenizer.size, 32, 2, 4, 64, 64, 2))
    with torch.no_grad():  # as far apart as trained embeddings are: the output layer, which stays, needs it to say much
        model.embedding.weight.normal_(std=0.5)
    checkpoint.save(folder, model)
    tokenizer.save(folder / "tokenizer.json")
    return folder


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.jsonl"
    rows = [{"prompt": f"{a} {b}", "answer": f"{b} {a}"} for a in WORDS for b in WORDS if a != b]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def recipe(
    base: Path, pairs: Path, out: Path, adapter: LoraConfig | None, steps: int = 12, **more: Any
) -> FinetuneRecipe:
    return FinetuneRecipe(
        Base(str(base), precision=more.pop("precision", "fp32")),
        AnswerData(str(pairs), end="<|end|>"),
        Out(str(out), checkpoint_every=4, evaluate_every=6),
        adapter,
        Optimiser(rate=1e-2, weight_decay=0.0),
        Schedule("constant", warmup=0),
        Train(steps=steps, batch=8, **more),
    )


def go(made: FinetuneRecipe, stop_at: int | None = None) -> finetune.FinetuneResult:
    def progress(step: int) -> None:
        if step == stop_at:
            raise KeyboardInterrupt

    return finetune.run(made, Watch(lambda plan: None, progress, lambda row: None), lambda plan: None)


def test_an_adapter_learns_and_loads_beside_its_base(base: Path, pairs: Path, tmp_path: Path) -> None:
    result = go(recipe(base, pairs, tmp_path / "run", LoraConfig(4), steps=40))
    assert result.finished
    assert result.before is not None
    assert result.after is not None
    assert result.after < result.before - 1
    assert 0 < result.share.fraction < 0.5
    assert result.adapter is not None
    model, _ = checkpoint.load(base)
    peft_format.load(result.adapter, model)
    made = recipe(base, pairs, tmp_path / "other", None)
    _, _, validation, _ = finetune.prepared(made)
    assert validation is not None
    batch = validation.evaluation(0, validation.evaluations)
    assert isinstance(model, Decoder)
    with torch.no_grad():
        loss = float(AnswerObjective(model.eval(), chunked=True)(batch.ids, batch.targets, batch.documents))
    assert loss / batch.count == pytest.approx(result.after, rel=1e-4)


@pytest.mark.parametrize("adapter", [LoraConfig(4, dropout=0.1), None])
def test_killed_and_gone_on_with_is_the_same_run(
    base: Path, pairs: Path, tmp_path: Path, adapter: LoraConfig | None
) -> None:
    straight = go(recipe(base, pairs, tmp_path / "straight", adapter))
    with pytest.raises(KeyboardInterrupt):
        go(recipe(base, pairs, tmp_path / "broken", adapter), stop_at=6)  # the last checkpoint is of step 4
    resumed = go(recipe(base, pairs, tmp_path / "broken", adapter))
    name = WEIGHTS if adapter else "model.safetensors"
    for result in (straight, resumed):
        assert (result.adapter is None) == (adapter is None)
    first, second = (result.adapter or result.model for result in (straight, resumed))
    assert first is not None
    assert second is not None
    assert (first / name).read_bytes() == (second / name).read_bytes()
    assert straight.after == resumed.after
    assert straight.before == resumed.before


@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_smaller_bases_learn_too(base: Path, pairs: Path, tmp_path: Path, precision: str) -> None:
    result = go(recipe(base, pairs, tmp_path / "run", LoraConfig(4), steps=40, precision=precision))
    assert result.before is not None
    assert result.after is not None
    assert result.after < result.before - 1


def test_merged_folders_are_a_model_that_computes_the_same(base: Path, pairs: Path, tmp_path: Path) -> None:
    result = go(recipe(base, pairs, tmp_path / "run", LoraConfig(4)))
    assert result.adapter is not None
    assert merge_folders(base, result.adapter, tmp_path / "merged") == 14
    merged, _ = checkpoint.load(tmp_path / "merged")
    beside, _ = checkpoint.load(base)
    peft_format.load(result.adapter, beside)
    ids = torch.arange(20)[None]
    torch.testing.assert_close(merged(ids), beside(ids), atol=1e-4, rtol=1e-4)
    assert (tmp_path / "merged" / "tokenizer.json").is_file()
    with pytest.raises(TrainProblem, match="there already"):
        merge_folders(base, result.adapter, tmp_path / "merged")


def test_changed_answers_are_not_gone_on_with(base: Path, pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        go(recipe(base, pairs, tmp_path / "run", LoraConfig(4)), stop_at=6)
    pairs.write_text("\n".join(pairs.read_text().splitlines()[:-3]) + "\n")
    with pytest.raises(TrainProblem, match=r"pairs\.jsonl has changed since this run began"):
        go(recipe(base, pairs, tmp_path / "run", LoraConfig(4)))


def test_an_adapter_without_its_checkpoints_is_not_replaced_by_another(base: Path, pairs: Path, tmp_path: Path) -> None:
    result = go(recipe(base, pairs, tmp_path / "run", LoraConfig(4), steps=4))
    assert result.adapter is not None
    kept = (result.adapter / WEIGHTS).read_bytes()
    shutil.rmtree(tmp_path / "run" / "checkpoints")
    with pytest.raises(TrainProblem, match=r"was started with lora\.rank = 4"):
        go(recipe(base, pairs, tmp_path / "run", LoraConfig(1), steps=4))
    assert (result.adapter / WEIGHTS).read_bytes() == kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"train": Train(steps=4, seed=-1)}, {"train": Train(steps=4, threads=-1)}, {"optimiser": Optimiser(beta1=1.0)},
        {"optimiser": Optimiser(epsilon=-1.0)}, {"schedule": Schedule(floor=-9.0)},
        {"out": Out("x", checkpoint_every=-2)},
    ],
)  # fmt: skip
def test_numbers_out_of_range_are_refused(base: Path, pairs: Path, tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(TrainProblem, match="must lie in"):
        replace(recipe(base, pairs, tmp_path / "run", LoraConfig(4)), **wrong)


def test_a_missing_base_is_said_with_what_makes_it(base: Path, pairs: Path, tmp_path: Path) -> None:
    made = recipe(tmp_path / "nowhere", pairs, tmp_path / "run", LoraConfig(4))
    with pytest.raises(TrainProblem, match=r"there is no model in .*: set base\.model"):
        go(made)
    with pytest.raises(TrainProblem, match=r"run `openbook train some\.toml` first"):
        go(replace(made, base=replace(made.base, recipe="some.toml")))
    assert not (tmp_path / "run").exists()


def test_a_base_in_few_bits_cannot_learn_itself(base: Path, pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainProblem, match=r"add a \[lora\] table"):
        recipe(base, pairs, tmp_path / "run", None, precision="int8")


@pytest.mark.parametrize("train", [Train(attention="plain"), Train(compile="blocks")])
def test_what_fine_tuning_has_no_use_for_is_refused(base: Path, pairs: Path, tmp_path: Path, train: Train) -> None:
    made = recipe(base, pairs, tmp_path / "run", None)
    with pytest.raises(TrainProblem, match="leave it out"):
        replace(made, train=train)


def written(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
    return path


def test_only_answers_count_and_text_writes_no_control_token(base: Path, tmp_path: Path) -> None:
    tokenizer = tokens.load(base / "tokenizer.json")
    path = written(
        tmp_path,
        {"prompt": "one <|end|> two", "answer": "three"},
        "\n",
        {"messages": [
            {"role": "user", "content": "red"},
            {"role": "assistant", "content": "green"},
            {"role": "user", "content": "blue"},
            {"role": "assistant", "content": "ten <|end|>"},
        ]},
    )  # fmt: skip
    first, second = (answers.encoded(parts, tokenizer, "<|end|>") for parts in answers.read(path, "Q: {prompt}\nA: "))
    end = tokenizer.id_of("<|end|>")
    assert tokenizer.decode(first.ids.tolist(), special=True) == "Q: one <|end|> two\nA: three<|end|>"
    assert tokenizer.decode(first.ids[first.counts].tolist(), special=True) == "three<|end|>"
    assert int((first.ids == end).sum()) == 1
    spoken = "user: red\nassistant: green<|end|>\nuser: blue\nassistant: ten <|end|><|end|>\n"
    assert tokenizer.decode(second.ids.tolist(), special=True) == spoken
    assert tokenizer.decode(second.ids[second.counts].tolist(), special=True) == "green<|end|>ten <|end|><|end|>"
    assert int((second.ids == end).sum()) == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("not json\n", "is not JSON"),
        ("[" * 100_000 + "\n", "is not JSON"),
        ("3\n", "neither texts"),
        ({"prompt": "a"}, "neither texts"),
        ({"prompt": "a", "answer": 3}, "neither texts"),
        ({"messages": []}, "neither texts"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "a role of"),
        ({"messages": [{"role": "user", "content": None}]}, "a role of"),
    ],
)
def test_lines_that_are_no_examples_are_refused_by_number(line: object, says: str, tmp_path: Path) -> None:
    path = written(tmp_path, {"prompt": "a", "answer": "b"}, line)
    with pytest.raises(TrainProblem, match=says) as raised:
        list(answers.read(path, "{prompt}"))
    assert str(raised.value).startswith("line 2 of")
    assert "\n" not in str(raised.value)


def test_a_template_needs_one_place_for_the_prompt(tmp_path: Path) -> None:
    for template in ("no place", "{prompt}{prompt}"):
        with pytest.raises(TrainProblem, match="must hold"):
            list(answers.read(written(tmp_path), template))


def test_examples_beyond_the_context_are_left_out_and_counted(base: Path, tmp_path: Path) -> None:
    path = written(tmp_path, *[{"prompt": "one", "answer": "two"}] * 6, {"prompt": "red " * 100, "answer": "two"})
    _, training, validation, skipped = finetune.prepared(recipe(base, path, tmp_path / "run", None))
    assert skipped == 1
    assert validation is not None
    assert len(training.examples) + len(validation.examples) == 6
    with pytest.raises(TrainProblem, match="examples that fit"):
        finetune.prepared(recipe(base, written(tmp_path, {"prompt": "a", "answer": ""}), tmp_path / "run", None))


@given(st.lists(st.integers(1, 20), min_size=1, max_size=30))
def test_packing_keeps_every_example_and_no_row_runs_over(lengths: list[int]) -> None:
    rows = answers.packed(lengths, 20)
    assert sorted(number for row in rows for number in row) == list(range(len(lengths)))
    assert all(0 < sum(lengths[number] for number in row) <= 20 for row in rows)
    halves = [row for row in rows if 2 * sum(lengths[number] for number in row) <= 20]
    assert len(halves) <= 1  # two half-empty rows would have been one


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 50), st.integers(0, 3), st.integers(1, 9))
def test_batches_depend_on_seed_and_step_alone_and_epochs_see_all(seed: int, step: int, rows: int) -> None:
    made = [answers.Example(torch.arange(3 + n).numpy(), (torch.arange(3 + n) > 0).numpy()) for n in range(12)]
    data = answers.Answers(made, 40)
    again = answers.Answers(list(made), 40)
    first, second = data.training(seed, step, rows, 0, rows), again.training(seed, step, rows, 0, rows)
    assert torch.equal(first.ids, second.ids)
    assert torch.equal(first.targets, second.targets)
    seen = [data.training(seed, number, 4, 0, 4).count for number in range(3)]
    assert sum(seen) == sum(2 + n for n in range(12))
    parts = [data.training(seed, step, rows, n, n + 1).count for n in range(rows)]
    assert sum(parts) == first.count


@pytest.mark.parametrize("short", [0, 256])
def test_packed_rows_give_the_loss_of_the_examples_one_by_one(
    base: Path, pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short: int
) -> None:
    monkeypatch.setattr("openbook.train.finetune_objective._SHORT", short)  # a product a text, and a mask over all
    model, training, _, _ = finetune.prepared(recipe(base, pairs, tmp_path / "run", LoraConfig(2)))
    with torch.no_grad():
        for matrix in lora.parameters(model).values():
            matrix.normal_(std=0.1)
    objective = AnswerObjective(model, chunked=True)
    batch = training.training(0, 0, 7, 0, 7)
    objective(batch.ids, batch.targets, batch.documents).backward()
    together = {name: matrix.grad for name, matrix in lora.parameters(model).items()}
    for matrix in lora.parameters(model).values():
        matrix.grad = None
    total = torch.zeros(())
    for number in range(7):
        single = training.training(0, 0, 7, number, number + 1)
        hidden = model(single.ids)
        total = total + nn.functional.cross_entropy(
            model.logits(hidden).flatten(0, 1), single.targets.flatten(), ignore_index=IGNORED, reduction="sum"
        )
    total.backward()
    for name, matrix in lora.parameters(model).items():
        torch.testing.assert_close(together[name], matrix.grad, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("groups", [1, 3])
def test_attention_by_document_is_the_masked_equation(groups: int) -> None:
    torch.manual_seed(0)
    shapes = ((2, 3 * groups, 600, 4), (2, 3, 600, 4), (2, 3, 600, 4))
    inputs: list[Tensor] = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    documents = torch.stack([(torch.arange(600) > 520).long(), torch.arange(600) // 90])
    mask = masks.same_document(documents) & masks.causal(600)
    plain = attention_by_the_equation(*inputs, mask)
    found: Any = WithinDocuments.apply(*inputs, spans_of(documents))
    torch.testing.assert_close(found, plain)
    towards = torch.randn_like(plain)
    for mine, other in zip(
        torch.autograd.grad(found, inputs, towards), torch.autograd.grad(plain, inputs, towards), strict=True
    ):
        torch.testing.assert_close(mine, other)


@given(st.integers(1, 5_000))
def test_rows_have_one_of_few_widths(width: int) -> None:
    wide = answers.rounded(width)
    assert width <= wide < width + max(16, width / 4 + 1)
    assert wide == answers.rounded(wide)
    assert len({answers.rounded(other) for other in range(1_025, 2_049)}) == 4
