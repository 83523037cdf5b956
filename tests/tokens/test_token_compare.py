"""Corpora as streams, halves that share nothing, and counts that can be checked by hand."""

import gzip
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from token_samples import LANGUAGES

from openbook.documents import Limits
from openbook.errors import OpenbookError, UnreadableSource
from openbook.tokens import Tokenizer, TokenProblem
from openbook.tokens.compare import LONGEST_PASSAGE, compare, measured, passages, summed
from openbook.tokens.corpus import Text, read
from openbook.tokens.spool import Spool

WORDS = {"[UNK]": 0, "the": 1, "cat": 2, "##s": 3}


def simple() -> Tokenizer:
    model = {"type": "WordPiece", "vocab": WORDS, "unk_token": "[UNK]", "continuing_subword_prefix": "##"}
    return Tokenizer(
        {
            "normalizer": {"type": "Lowercase"},
            "pre_tokenizer": {"type": "Whitespace"},
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
            "model": {**model, "max_input_chars_per_word": 100},
        }
    )


def test_counts_by_hand() -> None:
    tokenizer = simple()
    text = "The cats \u00e9 cat"
    found = measured(tokenizer, text, tokenizer.ids_batch([text])[0])
    assert (found.passages, found.words, found.characters, found.bytes) == (1, 4, 11, 15)
    assert (found.tokens, found.unknown) == (5, 1)
    assert (found.changed, found.lost) == (1, 2)  # the capital and the unknown word
    assert found.tokens_per_word == pytest.approx(5 / 4)
    assert found.bytes_per_token == pytest.approx(15 / 5)
    assert summed([found, found]).unknown_rate == pytest.approx(2 / 10)


def test_nothing_at_all_has_rates_too() -> None:
    assert summed([]).bytes_per_token == 0


@given(st.lists(st.text(" \n\tab.\u3000", max_size=60) | st.text("x", min_size=LONGEST_PASSAGE, max_size=3000)))
def test_passages_give_the_text_again(texts: list[str]) -> None:
    for text in texts:
        cut = [passage.text for passage in passages([Text("g", text)])]
        assert "".join(cut) == text
        assert max(map(len, cut), default=0) <= LONGEST_PASSAGE


def test_passages_end_at_blank_lines() -> None:
    cut = [passage.text for passage in passages([Text("g", "one\ntwo\n\n\nthree\n \nfour")])]
    assert cut == ["one\ntwo\n\n\n", "three\n \n", "four"]


def corpus(count: int = 30) -> list[Text]:
    return [
        Text(language, "\n\n".join(f"{sentence} ({number}.)" for number in range(count)))
        for language, sentence in LANGUAGES.items()
        if language != "Code"
    ]


def test_a_comparison_measures_every_group_under_every_tokenizer() -> None:
    told: list[str] = []
    found = compare(corpus(), 1500, {"mine": simple()}, at=told.append)
    assert list(found.sizes) == ["BPE", "WordPiece", "mine"]
    assert all(list(found.groups[name]) == [text.group for text in corpus()] for name in found.sizes)
    assert found.total["BPE"].unknown == found.total["BPE"].lost == found.total["BPE"].changed == 0
    assert found.total["WordPiece"].lost > 0
    assert found.total["mine"].unknown_rate > 0.5
    assert found.total["BPE"].words == found.total["mine"].words
    assert found.learned == pytest.approx(found.held, rel=0.2)
    assert told[0] == "reading"
    assert "measuring mine" in told


def test_a_passage_that_occurs_again_is_on_one_side() -> None:
    """A text only ever repeated would be known by heart: its half holds it, and the other never sees it."""
    secret = "zyzzyva quuxly frobnicates"
    texts = [Text("g", "\n\n".join([secret, "one two three four", secret, "five six seven eight", secret]))]
    found = compare(texts, 400)
    assert found.learned + found.held == len("".join(texts[0].text.split("\n\n"))) + 2 * 4
    assert found.held in {len("one two three four") + 2, len("one two three fourfive six seven eight") + 4}


@pytest.mark.parametrize("texts", [[], [Text("g", "")], [Text("g", "one paragraph only")]])
def test_too_little_text_is_said(texts: Sequence[Text]) -> None:
    with pytest.raises(TokenProblem, match="too little text"):
        compare(texts, 500)


def lines(path: Path, rows: Sequence[object]) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows.ndjson"])
def test_json_lines_are_grouped_by_language(tmp_path: Path, name: str) -> None:
    rows = [{"text": "eins", "language": "de"}, {"text": "a\u2028b", "lang": "en"}, {"text": "x"}]
    found = list(read([str(lines(tmp_path / name, rows))]))
    assert found == [Text("de", "eins"), Text("en", "a\u2028b"), Text(name, "x")]


def test_a_folder_is_grouped_by_what_lies_in_it(tmp_path: Path) -> None:
    (tmp_path / "en" / "deep").mkdir(parents=True)
    (tmp_path / "en" / "deep" / "a.md").write_text("# A", encoding="utf-8")
    (tmp_path / "b.html").write_text("<p>B</p>", encoding="utf-8")
    lines(tmp_path / "c.jsonl.gz", [{"text": "C"}])
    (tmp_path / "d.bin").write_bytes(bytes(range(32)) * 50)
    skipped: list[str] = []
    assert list(read([str(tmp_path)], skip=skipped.append)) == [
        Text("b.html", "B"),
        Text("c.jsonl.gz", "C"),
        Text("en", "# A"),
    ]
    assert len(skipped) == 1
    assert "d.bin" in skipped[0]


def test_several_sources_are_a_group_each(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(name, encoding="utf-8")
    assert list(read([str(tmp_path / "one"), str(tmp_path / "two")])) == [Text("one", "one"), Text("two", "two")]


def test_a_plain_text_over_the_limit_is_read_in_blocks(tmp_path: Path) -> None:
    text = "".join(f"line {number} of many, \u00e9\n" for number in range(200_000))
    (tmp_path / "large.txt").write_text(text, encoding="utf-8")
    found = [text.text for text in read([str(tmp_path)], limits=Limits(max_bytes=1_000_000))]
    assert len(found) > 3
    assert all(left.endswith("\n") for left, _ in pairwise(found))
    assert "".join(found) == text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"text": "a"}\nnot json\n', "line 2 of"),
        (b'{"words": "a"}\n', 'has no "text"'),
        (b"[1]\n", 'has no "text"'),
        (b'{"text": 5}\n', 'has no "text"'),
        (b"[" * 100_000 + b"\n", "is not JSON"),
        (b'{"text": "' + b"x" * 3000 + b'"}', "has over 2,000 bytes"),
    ],
)
def test_bad_json_lines_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    if b"xxx" in content:
        monkeypatch.setattr("openbook.tokens.corpus.LONGEST_LINE", 2000)
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(TokenProblem) as caught:
        list(read([str(path)]))
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_broken_gzip_and_a_missing_source_are_said(tmp_path: Path) -> None:
    path = lines(tmp_path / "rows.jsonl.gz", [{"text": "abc" * 1000}])
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(TokenProblem, match="cannot be read"):
        list(read([str(path)]))
    with pytest.raises(UnreadableSource):
        list(read([str(tmp_path / "nothing")]))


def test_a_spool_is_gone_through_as_often_as_asked() -> None:
    with Spool() as spool:
        for text in (Text("a", "one\ntwo \ud800"), Text("b", "")):
            spool.add(text)
        assert list(spool) == list(spool) == ["one\ntwo \ud800", ""]
        assert [row.group for row in spool.rows()] == ["a", "b"]
        assert spool.texts == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path("/dev/full").open
    monkeypatch.setattr("tempfile.TemporaryFile", lambda *_, **__: opened("r+", encoding="utf-8"))
    with pytest.raises(OpenbookError, match="set TMPDIR"):
        fill(100_000)


def fill(size: int) -> None:
    with Spool() as spool:
        for _ in range(size // 1000):
            spool.add(Text("a", "x" * 1000))
