"""Drafts change no token, however wrong they are or near two tokens are; text that copies takes fewer passes."""

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import asked, make_checkpoint

from openbook.compress.decoder_folder import Compression, compress_decoder
from openbook.errors import OpenbookError
from openbook.generate.drafts import MATCHES, Drafts
from openbook.generate.engine import ScoreRows, Text, one_by_one
from openbook.generate.local import LocalModel, with_lookup
from openbook.generate.lookup import looked_up
from openbook.generate.onnx_engine import open_onnx
from openbook.generate.sampling import Scores
from openbook.generate.torch_engine import open_torch
from openbook.generate.writing import Vocabulary, Writing
from openbook.tokens import Tokenizer
from openbook.train.characters import tokenizer_json
from openbook.values import Decoding, Token

ENGINES = ("torch gpt2", "torch llama", "fp32", "int8", "int4", "weights alone")
WAYS = {"weights alone": Compression("int8", int8_activations=False)}
WORDS = ["The pear tree", " was planted", " was planted", "Ein Maß", " 你好", " by the northern wall", "a", "bb"]


@pytest.fixture(scope="module", params=ENGINES)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    folder, name = tmp_path_factory.mktemp("models"), request.param
    source = make_checkpoint(folder / "source", "gpt2" if name == "torch gpt2" else "llama", context=160)
    if name.startswith("torch"):
        return open_torch(source, "cpu")
    compress_decoder(source, folder / "made", WAYS.get(name) or Compression(name))
    return open_onnx(folder / "made", 1)


class Adversary(Drafts):
    """Drafts that begin right and go wrong at a drawn place, or are all nonsense."""

    def __init__(self, truth: Sequence[int], widths: Sequence[int], wrong: Sequence[bool]) -> None:
        super().__init__()
        self.truth, self.widths, self.wrong, self.asked = truth, widths, wrong, 0

    def propose(self, ids: Sequence[int], most: int) -> list[int]:
        width, wrong = (each[self.asked % len(each)] for each in (self.widths, self.wrong))
        self.asked += 1
        draft = list(self.truth[len(ids) : len(ids) + min(width, most)])
        return [*draft[:-1], (draft[-1] + 1) % 300] if draft and wrong else draft


@settings(max_examples=12)
@given(
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=8),
    widths=st.lists(st.integers(0, 12), min_size=1, max_size=5),
    wrong=st.lists(st.booleans(), min_size=1, max_size=5),
    penalty=st.sampled_from([1.0, 1.3]),
)
def test_whatever_is_drafted_the_output_is_greedys(
    model: LocalModel, words: list[str], widths: list[int], wrong: list[bool], penalty: float
) -> None:
    assert model.noise is not None
    prompt, decoding = asked("".join(words)), Decoding(60, alternatives=2, repetition_penalty=penalty)
    plain = run(model, model.writing(prompt, decoding), None)
    truth = [*model.rendering(prompt), *(token.id for token in plain)]
    for drafts in (Drafts(), Adversary(truth, widths, wrong)):
        found = run(model, model.writing(prompt, decoding), drafts)
        assert [token.id for token in found] == [token.id for token in plain]
        far = 0.5 if model.noise > 1e-3 else 1e-3
        for token, other in zip(found, plain, strict=True):
            assert token.logprob == pytest.approx(other.logprob, abs=far)
            assert [logprob for _, logprob in token.alternatives] == pytest.approx(
                [logprob for _, logprob in other.alternatives], abs=far
            )


def run(model: LocalModel, writing: Writing, drafts: Drafts | None) -> list[Token]:
    text, scores = model.begin(writing.ids, writing.room)
    if drafts is None:
        return list(one_by_one(text, scores, writing))
    return list(looked_up(text, scores, writing, model.noise or 0.0, drafts))


class Shaky:
    """A made-up model: logits depend on the last token alone, and wider passes shake what is in memory after them."""

    def __init__(self, tables: np.ndarray, shake: np.ndarray, length: int) -> None:
        self.tables, self.shake, self.ids, self.exact = tables, shake, [0] * length, length

    def feed(self, ids: Sequence[int], wanted: int = 1) -> ScoreRows:
        if len(ids) == 1 and self.exact == len(self.ids):
            self.exact += 1
        self.ids += ids
        return np.array([self.scores(place) for place in range(len(self.ids) - wanted, len(self.ids))])

    def scores(self, place: int) -> Scores:
        found = self.tables[self.ids[place] % len(self.tables)]
        return found if place < self.exact else found + self.shake[place % len(self.shake)]

    def forget(self, used: int) -> None:
        del self.ids[used:]
        self.exact = min(self.exact, used)


LETTERS = Tokenizer(json.loads(tokenizer_json("abcdef")))
PROMPT = [0, 1, 2, 3]


def parted(tables: np.ndarray, seed: int, widths: list[int], wrong: list[bool], noise: float) -> bool:
    """Whether drafts change what a model of ties and near ties writes."""
    shake = np.random.default_rng(seed).uniform(-0.1, 0.1, (7, 6))

    def written(drafts: Drafts | None) -> list[int]:
        text = Shaky(tables, shake, len(PROMPT))
        vocabulary = Vocabulary(LETTERS, np.ones(6, dtype=np.bool_), frozenset())
        writing = Writing(vocabulary, PROMPT, Decoding(30), 1_000, None)
        start = text.scores(len(PROMPT) - 1)
        if drafts is None:
            return [token.id for token in one_by_one(text, start, writing)]
        return [token.id for token in looked_up(text, start, writing, noise, drafts)]

    plain = written(None)
    return written(Adversary([*PROMPT, *plain], widths, wrong)) != plain


TABLES = st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), min_size=2, max_size=6)
WIDTHS, WRONG = st.lists(st.integers(0, 6), min_size=1, max_size=4), st.lists(st.booleans(), min_size=1, max_size=3)


@given(TABLES, st.integers(0, 10**6), WIDTHS, WRONG)
def test_near_ties_are_read_again_one_by_one(
    tables: list[list[int]], seed: int, widths: list[int], wrong: list[bool]
) -> None:
    found = np.array(tables, np.float64) + np.random.default_rng(seed).uniform(0, 0.05, (len(tables), 6))
    smallest = min(row.std() for row in found)
    assert not parted(found, seed, widths, wrong, noise=0.25 / smallest)


def test_without_that_they_would_part() -> None:
    tables = np.array([[3, 3.01, 0, 3, 0, 0], [3, 0, 3.01, 0, 3, 0], [0, 3, 0, 3.02, 0, 3]])
    found = [parted(tables, seed, [3, 5], [False, True], noise=0.0) for seed in range(20)]
    assert any(found)
    assert not any(parted(tables, seed, [3, 5], [False, True], noise=0.25) for seed in range(20))


def test_a_text_that_repeats_takes_fewer_passes(model: LocalModel) -> None:
    passes: list[int] = []

    def counted(ids: list[int], room: int) -> tuple[Text, Scores]:
        text, scores = model.begin(ids, room)

        class Counted:
            def feed(self, ids: Sequence[int], wanted: int = 1) -> ScoreRows:
                passes.append(len(ids))
                return text.feed(ids, wanted)

            def forget(self, used: int) -> None:
                text.forget(used)

        return Counted(), scores

    fed = replace(model, begin=counted, lookup=True, noise=0.0, ends=frozenset())
    plain = list(replace(fed, lookup=False).stream(asked("The pear tree"), Decoding(120)))
    alone = len(passes)
    passes.clear()
    list(fed.stream(asked("The pear tree"), Decoding(120)))
    ids = [token.id for token in plain]
    repeats = any(ids[n : n + 12] == ids[m : m + 12] for m in range(30) for n in range(m + 1, 60))
    assert len(passes) <= alone
    if repeats:
        assert len(passes) < alone / 2


def test_a_draft_is_what_followed_the_longest_match_last() -> None:
    drafts = Drafts()
    assert drafts.propose([1, 2, 3, 4], 9) == []
    assert drafts.propose([1, 2, 3, 4, 1, 2, 3], 9) == [4, 1, 2, 3]
    assert drafts.propose([1, 2, 3, 4, 1, 2, 3, 9, 1, 2, 3], 2) == [9, 1]
    longer = [5, 1, 2, 3, 4, 7, 6, 1, 2, 3, 4, 8, 5, 1, 2, 3, 4]
    assert min(MATCHES) == 3
    assert Drafts().propose(longer, 1) == [7]


def test_drafts_that_are_never_right_are_given_up() -> None:
    drafts, ids, asked_for = Drafts(), [1, 2, 3] * 4, 0
    for number in range(400):
        draft = drafts.propose(ids, 8)
        asked_for += len(draft)
        drafts.learn(len(draft), 0, 0)
        ids += [1, 2, 3] if number % 2 else [1, 2, 3, number + 10]
    assert 0 < asked_for < 400


def test_it_is_refused_where_it_could_not_be_exact(model: LocalModel) -> None:
    with pytest.raises(OpenbookError, match="temperature 0 alone"):
        with_lookup(model, Decoding(temperature=0.5))
    with pytest.raises(OpenbookError, match="this machine's CPU alone"):
        with_lookup(replace(model, noise=None), Decoding())
    assert with_lookup(model, Decoding()).lookup
