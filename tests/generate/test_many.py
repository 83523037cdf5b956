"""What is read before or beside an output changes nothing of it: rows of a batch, a kept prompt, other streams."""

from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import asked, make_checkpoint

from openbook.compress.decoder_folder import Compression, compress_decoder
from openbook.generate.local import LocalModel
from openbook.generate.many import ROWS, many
from openbook.generate.onnx_engine import open_onnx
from openbook.generate.onnx_reading import shared_length
from openbook.generate.onnx_session import OnnxSession
from openbook.generate.samples import Sample, samples
from openbook.generate.torch_engine import open_torch
from openbook.values import Decoding, Prompt, Token

WAYS = {
    "fp32": Compression("fp32"), "int8": Compression("int8"), "int4": Compression("int4"),
    "weights alone": Compression("int8", int8_activations=False),
}  # fmt: skip
PROMPTS = ["The pear tree", "Ein Maß für alles: naïve façade", "T", "wall, and it bears fruit every second year. " * 2]
ASKED: list[tuple[Prompt, Decoding]] = [
    (asked(PROMPTS[0]), Decoding(30)),
    (asked(PROMPTS[1]), Decoding(30, 1.0, seed=3, alternatives=2)),
    (asked(PROMPTS[2]), Decoding(7, 1.4, 20, 0.9, seed=4, repetition_penalty=1.2)),
    (asked(PROMPTS[3]), Decoding(40, 0.9, seed=5, stop=("a", "th"), min_p=0.01)),
    (asked(PROMPTS[0]), Decoding(40, 1.2, seed=6, schema={"type": "array", "items": {"type": "boolean"}})),
    (asked(PROMPTS[0]), Decoding(1)),
    (asked(PROMPTS[0]), Decoding(1_000, 1.0)),
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("models") / "llama", "llama")


@pytest.fixture(scope="module", params=WAYS)
def folder(request: pytest.FixtureRequest, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("compressed") / "model"
    compress_decoder(source, made, WAYS[request.param])
    return made


def alone(folder: Path, prompt: Prompt, decoding: Decoding) -> list[Token]:
    """By a model that has read nothing else."""
    return list(open_onnx(folder, 1).stream(prompt, decoding))


def test_rows_are_what_they_are_alone(folder: Path) -> None:
    done: list[int] = []
    assert many(open_onnx(folder, 1), ASKED, done.append) == [alone(folder, *each) for each in ASKED]
    assert done[-1] == len(ASKED)


def test_many_rows_go_in_turns(folder: Path) -> None:
    model = open_onnx(folder, 2)
    rows = [(asked(PROMPTS[n % 4]), Decoding(1 + n, 1.0, seed=n)) for n in range(ROWS + 3)]
    assert many(model, rows) == [list(model.stream(*each)) for each in rows]


def test_int4_rows_that_differ_from_what_they_are_alone_are_asked_one_by_one(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compress_decoder(source, tmp_path / "model", WAYS["int4"])
    monkeypatch.setattr(OnnxSession, "alike_in_rows", lambda _: False)
    assert open_onnx(tmp_path / "model", 1).rows is None
    monkeypatch.setattr(OnnxSession, "alike_in_rows", lambda _: True)
    assert open_onnx(tmp_path / "model", 1).rows is not None


def test_any_other_model_is_asked_one_by_one(source: Path) -> None:
    model = open_torch(source, "cpu")
    assert many(model, ASKED[:3]) == [list(model.stream(*each)) for each in ASKED[:3]]


def test_samples_are_those_of_single_streams(folder: Path) -> None:
    model, decoding = open_onnx(folder, 1), Decoding(20, 1.0)
    streams = [alone(folder, asked(PROMPTS[1]), Decoding(20, 1.0, seed=seed)) for seed in range(5)]
    wanted = [Sample("".join(t.text for t in s), tuple(t.logprob or 0.0 for t in s)) for s in streams]
    assert samples(model, asked(PROMPTS[1]), 5, decoding) == wanted


@pytest.fixture(scope="module")
def fresh(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("compressed") / "int8"
    compress_decoder(source, made, WAYS["int8"])
    return made


TURNS = st.tuples(st.text("ab cT.", min_size=1, max_size=30), st.integers(1, 12))


@settings(max_examples=15)
@given(st.lists(TURNS, min_size=2, max_size=5))
def test_a_kept_prompt_changes_nothing(fresh: Path, calls: list[tuple[str, int]]) -> None:
    model = open_onnx(fresh, 1)
    written = ""
    for text, most in calls:  # each goes on from the one before, as turns of a chat do
        prompt = asked(("The pear tree " + written + text)[:60])
        found = list(model.stream(prompt, Decoding(most)))
        assert found == alone(fresh, prompt, Decoding(most))
        written = "".join(token.text for token in found)


def test_what_both_share_is_not_read_again(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = open_onnx(fresh, 1)
    read: list[int] = []
    session = model.begin.__self__.session  # pyright: ignore[reportFunctionMemberAccess]
    words = session.words
    monkeypatch.setattr(session, "words", lambda ids: (read.append(ids.shape[1]), words(ids))[1])
    ids = model.rendering(asked(PROMPTS[3]))
    for prompt in (PROMPTS[3], PROMPTS[3] + " The"):
        list(model.stream(asked(prompt), Decoding(1)))
    assert read[0] == len(ids)
    assert sum(read[1:]) < 6


@given(st.lists(st.integers(0, 2), max_size=12), st.lists(st.integers(0, 2), max_size=12))
def test_two_tokens_at_least_are_read(known: list[int], ids: list[int]) -> None:
    shared = shared_length(known, ids)
    assert shared == 0 or (known[:shared] == ids[:shared] and shared <= len(ids) - 2)
    assert shared >= len(ids) - 2 or shared == len(known) or known[shared] != ids[shared]


def test_a_prompt_of_one_pass_and_a_token_more(source: Path, tmp_path: Path) -> None:
    long = make_checkpoint(tmp_path / "long", "llama", context=1_400)
    compress_decoder(long, tmp_path / "int8", Compression("int8"))
    model = open_onnx(tmp_path / "int8", 1)
    ids = [int(n) % 300 for n in range(513)]
    _, first = model.begin(ids[:400], 600)
    _, second = model.begin(ids, 600)
    _, other = open_onnx(tmp_path / "int8", 1).begin(ids, 600)
    assert (second == other).all()
    assert not (first == other).all()


def test_streams_side_by_side_do_not_disturb_each_other(fresh: Path) -> None:
    model = open_onnx(fresh, 1)
    found: dict[int, list[list[Token]]] = {}

    def write(number: int) -> None:
        prompt = asked(PROMPTS[number % 2] + " the" * (number // 2))
        found[number] = [list(model.stream(prompt, Decoding(15, 1.0, seed=number))) for _ in range(6)]

    threads = [Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(6):
        prompt = asked(PROMPTS[number % 2] + " the" * (number // 2))
        assert found[number] == [alone(fresh, prompt, Decoding(15, 1.0, seed=number))] * 6


def test_a_model_is_a_language_model(fresh: Path) -> None:
    assert isinstance(open_onnx(fresh), LocalModel)
