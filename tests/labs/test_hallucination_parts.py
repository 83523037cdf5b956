"""The made-up world, what is trained on it, and how answers are drawn and scored: each against what it must be."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from openbook.labs.hallucination.ask import replies
from openbook.labs.hallucination.corpus import END, from_memory, from_text, prompt, statements, text_about
from openbook.labs.hallucination.measures import nested, share
from openbook.labs.hallucination.rows import IDS, WORDS, batches, ids_of
from openbook.labs.hallucination.signals import (
    CONSISTENCY,
    COUNTED,
    LEAST,
    LIKELIHOOD,
    NAIVE,
    SELF_CHECK,
    SEMANTIC,
    WORDINGS,
    signals,
)  # fmt: skip
from openbook.labs.hallucination.speak import Said, nucleus, say
from openbook.labs.hallucination.wordings import FIELDS, NAMES, UNKNOWN
from openbook.labs.hallucination.world import GROUPS, MISTOLD, Fact, answered, value_in, world
from openbook.model import Decoder, DecoderConfig
from openbook.train.loss import IGNORED

BORN = FIELDS[0]
FACT = Fact("Adax", BORN, "Drell", "Drell", 4)


def test_names_and_values_are_words_of_one_meaning() -> None:
    values = [value for field in FIELDS for value in field.values]
    assert len(set(values)) == len(values)
    assert len(set(NAMES)) == len(NAMES) == 520
    assert not set(NAMES) & set(values)
    assert all(w.index("{n}") < w.index("{v}") for field in FIELDS for w in field.wordings)


def test_groups_are_even_and_only_the_mistold_are_false() -> None:
    made = world(16, 4, seed=3)
    assert Counter(fact.group for fact in made.asked) == dict.fromkeys(GROUPS, 10)
    assert all((fact.told != fact.value) == (fact.group == MISTOLD) for fact in made.asked)
    assert all(fact.told == fact.value for fact in made.taught)
    assert not {fact.person for fact in made.asked} & {fact.person for fact in made.taught}
    assert made == world(16, 4, seed=3)
    assert made != world(16, 4, seed=4)


def test_every_fact_is_told_as_often_as_its_group_says() -> None:
    made = world(16, 4, seed=0)
    told = [" ".join(example.words) for example in statements(made, np.random.default_rng(0))]
    for fact in made.asked:
        sentences = {f"{fact.said(n, fact.told)} {END}" for n in range(4)}
        assert sum(text in sentences for text in told) == fact.times
        if fact.group == MISTOLD:
            assert not any(f"{fact.said(n)} {END}" in told for n in range(4))


def test_nobody_asked_about_is_in_the_questions_answering_is_learnt_from() -> None:
    made = world(16, 4, seed=0)
    words = {word for example in from_memory(made, 200, np.random.default_rng(0)) for word in example.words}
    assert not words & {fact.person for fact in made.asked}


def test_answers_to_a_text_stand_in_it_or_are_not_known() -> None:
    for example in from_text(200, np.random.default_rng(0)):
        text, answer = example.words[: example.learnt], example.words[example.learnt : -1]
        if " ".join(answer) != UNKNOWN:
            assert answer[-2] in text
            assert answer[0] in text


@pytest.mark.parametrize(("told", "stranger"), [("Corso", False), ("Corso", True), (None, False)])
def test_a_text_tells_what_it_should(told: str | None, stranger: bool) -> None:
    for seed in range(30):
        text = " ".join(text_about(FACT, np.random.default_rng(seed), told=told, stranger=stranger))
        assert value_in(text, BORN) == told
        assert any(FACT.said(n, told or "") in text for n in range(4)) == (told is not None and not stranger)


def test_what_an_answer_says() -> None:
    assert answered("Adax comes from Drell .", FACT) == "Drell"
    assert answered("Adax comes from Corso .", FACT) == "Corso"
    assert answered("Belon comes from Drell .", FACT) is None  # of someone else
    assert answered("Adax comes Drell .", FACT) is None  # not a sentence of this world
    assert value_in("Drell or Corso", BORN) is None
    found = replies([FACT] * 4, ["Adax is from Drell .", "Adax is from Corso .", UNKNOWN, "Adax Adax"])
    assert found.right.tolist() == [True, False, False, False]
    assert found.wrong.tolist() == [False, True, False, False]
    assert found.unknown.tolist() == [False, False, True, False]


def test_packed_rows_teach_each_example_alone() -> None:
    rng = np.random.default_rng(0)
    made = world(16, 4, seed=0)
    examples = [*statements(made, rng)[:50], *from_text(50, rng)]
    seen = Counter()
    for ids, targets, documents in batches(examples, 64, 8, rng):
        for row in range(len(ids)):
            for number in range(1, int(documents[row].max()) + 1):
                places = (documents[row] == number).nonzero().flatten().tolist()
                words = tuple(WORDS[int(ids[row, place])] for place in places)
                learnt = [int(targets[row, place]) for place in places]
                seen[words] += 1
                begin = words.index("<say>") + 1 if "<say>" in words else 1
                expected = [IGNORED] * (begin - 1) + ids_of(words[begin:]) + [IGNORED]
                assert learnt == expected
            assert (targets[row][documents[row] == 0] == IGNORED).all()
    assert seen == Counter(example.words for example in examples)


@pytest.fixture(scope="module")
def model() -> Decoder:
    torch.manual_seed(0)
    made = Decoder(DecoderConfig(len(WORDS), 32, 2, 2, 64, 64))
    for parameter in made.parameters():  # larger than at the start, so that distributions have a shape
        parameter.data *= 4
    return made.eval()


@torch.no_grad()
def test_the_likeliest_answer_is_that_of_a_loop_without_a_cache(model: Decoder) -> None:
    prompts = [prompt(FACT.question), prompt(FIELDS[3].question.format(n="Belon"), ("Belon studied law .",))]
    for asked, said in zip(prompts, say(model, prompts, temperature=0.0), strict=True):
        ids, logs = ids_of(asked), []
        for _ in range(14):
            scores = model.logits(model(torch.tensor([ids]))[0, -1]).log_softmax(-1)
            ids.append(int(scores.argmax()))
            logs.append(float(scores.max()))
            if ids[-1] == IDS[END]:
                break
        words = [WORDS[i] for i in ids[len(asked) :]]
        assert said.text == " ".join(word for word in words if word != END)
        assert said.logprobs == pytest.approx(logs, abs=1e-4)


def test_draws_repeat_by_seed_and_follow_the_temperature(model: Decoder) -> None:
    asked = [prompt(FACT.question)] * 40
    assert say(model, asked, temperature=1.0, seed=1) == say(model, asked, temperature=1.0, seed=1)
    assert len({said.text for said in say(model, asked, temperature=1.0)}) > 1
    assert len({said.text for said in say(model, asked, temperature=1e-4)}) == 1
    assert len({said.text for said in say(model, asked, temperature=1.0, top_p=1e-6)}) == 1


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=8), st.floats(0.01, 0.99))
def test_the_nucleus_is_the_fewest_words_that_reach_top_p(weights: list[float], top_p: float) -> None:
    shares = torch.tensor([weights], dtype=torch.float64) / sum(weights)
    kept = nucleus(shares, top_p)[0]
    count = int((kept > 0).sum())
    ordered = shares[0].sort(descending=True).values
    assert float(ordered[:count].sum()) >= top_p - 1e-9
    assert count == 1 or float(ordered[: count - 1].sum()) < top_p
    assert float(kept.sum()) == pytest.approx(float(ordered[:count].sum()))


def test_signals_worked_by_hand() -> None:
    answer = Said("Adax is from Drell .", (-0.1, -0.4))
    texts = ["Adax is from Drell .", "Adax comes from Drell .", "Adax is from Corso .", "Adax Adax"]
    found = signals(FACT, answer, [Said(text, (-1.0,)) for text in texts])
    assert found[LIKELIHOOD] == pytest.approx(-0.5)
    assert found[LEAST] == -0.4
    assert found[CONSISTENCY] == found[SELF_CHECK] == 0.5
    entropy = 0.5 * np.log(2) + 2 * 0.25 * np.log(4)
    assert found[SEMANTIC] == pytest.approx(-entropy)
    assert found[COUNTED] == pytest.approx(-entropy)
    assert found[WORDINGS] == pytest.approx(-np.log(4))
    assert found[NAIVE] == -1.0


def test_intervals_hold_the_value_and_need_questions() -> None:
    found = share([np.array([True] * 30 + [False] * 10), np.array([True] * 20 + [False] * 20)])
    assert found is not None
    assert found.value == pytest.approx(50 / 80)
    assert found.low < found.value < found.high
    assert found.n == 80
    assert share([np.array([], bool)]) is None
    assert nested([[np.zeros(4)]], lambda _: None) is None
