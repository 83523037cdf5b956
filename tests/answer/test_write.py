"""What a language model drafts is kept sentence by sentence only where a passage backs it, with the quote that does."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from openbook.answer import AskSettings, ask
from openbook.answer.audit import audit
from openbook.answer.confidence import Calibration
from openbook.answer.read import SentenceReader
from openbook.answer.write import MAX_DRAFT, MAX_SENTENCES, Drafting, said_in
from openbook.encode import SentenceEncoder
from openbook.encode.support import SupportChecker, open_support
from openbook.errors import OpenbookError, PromptTooLong
from openbook.index.sqlite import SqliteStore
from openbook.values import Answer, Prompt, Support

RENT = "How much is the rent?"


@dataclass
class Script:
    """A writer that says what it was told to, and keeps what it was shown. reads: passages, at most."""

    draft: str
    name: str = "script"
    shown: list[Prompt] = field(default_factory=list)
    reads: int = 100

    def __call__(self, prompt: Prompt) -> str:
        if len(prompt) - 2 > self.reads:
            raise PromptTooLong("the prompt has 99 tokens, 9 more than the model's context of 90: shorten it")
        self.shown.append(prompt)
        return self.draft


@pytest.fixture(scope="module")
def support() -> SupportChecker:
    return open_support(threads=2)


@pytest.fixture
def write(store: SqliteStore, encoder: SentenceEncoder, calibration: Calibration, support: SupportChecker):
    def go(
        draft: str, question: str = RENT, settings: AskSettings = AskSettings(), reads: int = 100
    ) -> tuple[Answer, Script]:
        script = Script(draft, reads=reads)
        reader = SentenceReader(encoder, calibration.reader)
        drafting = Drafting(script, support)
        return ask(store, encoder, reader, calibration, question, settings, drafting=drafting), script

    return go


def texts(answer: Answer, *, kept: bool) -> Sequence[str]:
    return [sentence.text for sentence in answer.draft if bool(sentence.citations) is kept]


def test_what_is_backed_is_kept_with_its_quote_and_the_rest_is_struck(write) -> None:
    found, _ = write("The rent is 950 euros a month [1]. The landlord is called Ming. The rent is 9,500 euros a month.")
    assert not found.abstained
    assert texts(found, kept=True) == ["The rent is 950 euros a month."]
    assert texts(found, kept=False) == ["The landlord is called Ming.", "The rent is 9,500 euros a month."]
    assert [sentence.text for sentence in found.sentences] == ["The rent is 950 euros a month."]
    (citation,) = found.sentences[0].citations
    assert citation.quote == "The rent is 950 euros a month, due on the third working day."
    assert [each.verdict for each in audit(found)] == ["found"]
    assert 0.5 < found.sentences[0].support < 1


@pytest.mark.parametrize(
    ("draft", "kept"),
    [("The rent is 950 euros.", True), ("The rent of Ann's flat is 950 euros a month.", False)],
)
def test_no_score_backs_a_name_that_no_passage_holds(
    store: SqliteStore, encoder: SentenceEncoder, calibration: Calibration, draft: str, kept: bool
) -> None:
    def sure(_: str, passages: Sequence[str]) -> list[Support]:
        return [Support(9.0, backed=True, evidence=None) for _ in passages]

    sure.digest = "sure"  # pyright: ignore[reportFunctionMemberAccess]
    reader = SentenceReader(encoder, calibration.reader)
    drafting = Drafting(Script(draft), sure)  # pyright: ignore[reportArgumentType]
    found = ask(store, encoder, reader, calibration, RENT, drafting=drafting)
    assert bool(found.draft[0].citations) is kept


def test_where_nothing_is_backed_the_documents_speak(write) -> None:
    found, _ = write("The landlord is called Ming.")
    assert texts(found, kept=False) == ["The landlord is called Ming."]
    assert "950 euros" in found.sentences[0].text
    assert found.sentences[0].text == found.sentences[0].citations[0].quote


@pytest.mark.parametrize("draft", ["", "   ", "[1] [2]", "…", "\ud800 \0"])
def test_an_empty_draft_leaves_the_quotes(write, draft: str) -> None:
    found, _ = write(draft)
    assert "950 euros" in found.sentences[0].text


def test_nobody_writes_where_the_documents_hold_no_answer(write) -> None:
    found, script = write("Ulan Bator.", "What is the capital of Mongolia?")
    assert (found.abstained, found.draft, script.shown) == (True, (), [])


def test_the_prompt_keeps_the_documents_apart(write) -> None:
    found, script = write("The rent is 950 euros a month.")
    (prompt,) = script.shown
    roles = [part.role for part in prompt]
    assert roles == ["system", *["document"] * len(found.passages), "user"]
    for part, passage in zip(prompt[1:-1], found.passages, strict=True):
        assert part.label == passage.label
        assert not part.label.trusted
        assert passage.text in part.text
    assert prompt[-1].text == RENT


def test_marks_name_the_passages_that_are_looked_at(write) -> None:
    found, _ = write("The rent is 950 euros a month.")
    backing = found.sentences[0].citations[0].document_id
    other = 1 + next(n for n, p in enumerate(found.passages) if p.chunk.document_id != backing)
    found, _ = write(f"The rent is 950 euros a month [{other}].")
    assert texts(found, kept=True) == []
    found, _ = write("The rent is 950 euros a month [99].")  # names nothing, so all are looked at
    assert texts(found, kept=True) == ["The rent is 950 euros a month."]


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        ("One is so [1]. Two is so [2, 3].", [("One is so.", [0]), ("Two is so.", [1, 2])]),
        ("One is so. [1][2] Two is so.", [("One is so.", [0, 1]), ("Two is so.", [])]),
        ("One [0] is so.", [("One is so.", [])]),
    ],
)
def test_sentences_and_their_marks(draft: str, said: list[tuple[str, list[int]]]) -> None:
    assert list(said_in(draft)) == said


def test_a_draft_without_end_is_bounded(write) -> None:
    found, _ = write("It is so. " * MAX_DRAFT)
    assert len(found.draft) <= MAX_SENTENCES


def test_the_trace_names_who_wrote(write, support: SupportChecker) -> None:
    found, _ = write("The rent is 950 euros a month.")
    assert found.trace.models["writer"] == "script"
    assert found.trace.models["support"] == support.digest
    assert found.trace.stages[-1].name == "write"


def test_the_prompt_keeps_as_many_passages_as_the_writer_can_read(write) -> None:
    whole, _ = write("The rent is 950 euros a month [1].")
    assert len(whole.passages) > 2
    found, script = write("The rent is 950 euros a month [1].", reads=2)
    (prompt,) = script.shown
    assert len(prompt) == 4
    assert all(passage.text in part.text for part, passage in zip(prompt[1:-1], whole.passages[:2], strict=True))
    assert found.passages == whole.passages


def test_a_context_too_small_for_one_passage_is_one_line_that_helps(write) -> None:
    with pytest.raises(OpenbookError) as raised:
        write("The rent is 950 euros a month.", reads=0)
    said = str(raised.value)
    assert said.startswith("even with one passage, the prompt has 99 tokens")
    assert said.endswith("take a model with a larger context, or none")
    assert "shorten it" not in said


def test_a_writer_of_sentences_is_shown_the_likeliest_and_its_numbers_are_theirs(
    store: SqliteStore, encoder: SentenceEncoder, calibration: Calibration, support: SupportChecker
) -> None:
    script = Script("The rent is 950 euros a month [1].")
    drafting = Drafting(script, support, sentences=2)
    reader = SentenceReader(encoder, calibration.reader)
    found = ask(store, encoder, reader, calibration, RENT, drafting=drafting)
    shown = [part.text for part in script.shown[0] if part.role == "document"]
    assert len(shown) == 2
    assert shown[0].startswith("[1]\n")
    assert "950 euros" in shown[0]
    assert "\n" not in shown[0].removeprefix("[1]\n").strip()
    assert texts(found, kept=True) == ["The rent is 950 euros a month."]
