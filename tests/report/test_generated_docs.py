"""Generated Markdown: blocks are filled and checked, nothing else is touched, and stale evidence is named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.report import evidence
from openbook.report.docs import differing, main, render
from openbook.report.marks import blocks
from openbook.report.problems import ReportProblem
from openbook.report.record import Figure
from openbook.report.tables import Column, Table


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "code.py").write_text("x = 1\n")
    record(tmp_path, 72.14)
    return tmp_path


def record(root: Path, value: float) -> None:
    tables = {
        "main": Table("", (Column("system"), Column("nDCG", "right")), (("ours <!-- end -->", f"{value:.1f}"),)),
        "by set": Table("", (Column("set"),), (("SQuAD",),)),
    }
    figures = [Figure("nDCG@10, SQuAD", value), Figure("bytes", 1234567), Figure("odd", 1, text="a*b")]
    evidence.write(
        root / "evidence",
        "search",
        figures,
        command="python -m bench",
        inputs={},
        code=["code.py"],
        seeds=[0],
        tables=tables,
    )
    one = {"only": tables["by set"]}
    evidence.write(
        root / "evidence", "one", [], command="python -m one", inputs={}, code=["code.py"], seeds=[0], tables=one
    )


README = """# Title

We reach <!-- figure: search nDCG@10, SQuAD -->old<!-- end -->
with <!-- figure: search bytes --><!-- end --> bytes.

<!-- evidence: search main -->
old table
<!-- end -->

Text. <!-- an ordinary comment --> More.
<!-- evidence: one -->
<!-- end -->
"""


def test_blocks_are_filled_and_the_rest_is_kept(root: Path) -> None:
    today = evidence.read(Path("evidence/search.json")).date[:10]
    assert (
        render(README, Path("evidence"))
        == f"""# Title

We reach <!-- figure: search nDCG@10, SQuAD -->72.1<!-- end -->
with <!-- figure: search bytes -->1,234,567<!-- end --> bytes.

<!-- evidence: search main -->
| system             | nDCG |
| :----------------- | ---: |
| ours \\<!-- end --> | 72.1 |

Measured on {today} by `python -m bench`, kept in `evidence/search.json`.
<!-- end -->

Text. <!-- an ordinary comment --> More.
<!-- evidence: one -->
| set   |
| :---- |
| SQuAD |

Measured on {today} by `python -m one`, kept in `evidence/one.json`.
<!-- end -->
"""
    )


def test_rendering_twice_changes_nothing_and_satisfies_the_check(root: Path) -> None:
    once = render(README, Path("evidence"))
    assert render(once, Path("evidence")) == once
    assert differing(once, Path("evidence")) == []
    assert [line.split(":")[0] for line in differing(README, Path("evidence"))] == ["3", "4", "6", "11"]


def test_windows_line_ends_are_kept(root: Path) -> None:
    filled = render(README.replace("\n", "\r\n"), Path("evidence"))
    assert "\n" not in filled.replace("\r\n", "")
    assert filled.replace("\r\n", "\n") == render(README, Path("evidence"))
    assert differing(filled, Path("evidence")) == []


def test_marks_in_code_are_left_alone(root: Path) -> None:
    text = """Write `<!-- evidence: search main -->` and `<!-- end -->`:

```markdown
<!-- evidence: nothing -->
```

~~~~
<!-- figure: search none -->
~~~
<!-- end -->
~~~~
``` not a fence ``` <!-- figure: search bytes -->1,234,567<!-- end -->
"""
    assert render(text, Path("evidence")) == text
    assert [block.line for block in blocks(text)] == [12]


@given(st.text(st.sampled_from("ab \n`~<!->|")))
def test_text_without_marks_is_never_touched(text: str) -> None:
    assert render(text, Path("nowhere")) == text


def test_a_figure_is_escaped_for_markdown(root: Path) -> None:
    assert "a\\*b" in render("x <!-- figure: search odd --><!-- end -->", Path("evidence"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one\n<!-- evidence: search main -->\n", "line 2: .* is not closed"),
        ("<!-- evidence: one -->\n<!-- figure: search bytes -->1<!-- end -->", "line 1: .* is not closed"),
        ("<!-- evidence: search -->\n<!-- end -->", "has no table ''"),
        ("<!-- evidence: search nine -->\n<!-- end -->", r"has no table 'nine': name one of \['by set', 'main'\]"),
        ("<!-- evidence: none -->\n<!-- end -->", "run the benchmark"),
        ("<!-- evidence: ../secret -->\n<!-- end -->", "cannot name an evidence file"),
        ("<!-- figure: search gone --><!-- end -->", "has no figure 'gone'"),
        ("<!-- figure: search --><!-- end -->", "has no figure ''"),
    ],
)
def test_what_cannot_be_filled_is_refused(root: Path, text: str, message: str) -> None:
    with pytest.raises(ReportProblem, match=message):
        render(text, Path("evidence"))


def test_the_command_fills_and_checks(root: Path, capsys: pytest.CaptureFixture) -> None:
    readme, other = root / "README.md", root / "other.md"
    readme.write_text(README)
    other.write_text("no marks\n")
    before = other.stat().st_mtime_ns
    assert main(["--check", "README.md", "other.md"]) == 1
    told = capsys.readouterr().err
    assert "README.md:6: evidence search main differs" in told
    assert "python -m openbook.report.docs README.md other.md" in told
    assert readme.read_text() == README
    assert main(["README.md", "other.md"]) == 0
    assert readme.read_text() == render(README, Path("evidence"))
    assert other.stat().st_mtime_ns == before
    assert main(["README.md", "other.md", "--check"]) == 0
    assert capsys.readouterr().err == ""
    record(root, 80.0)
    assert main(["README.md", "--check"]) == 1


def test_changed_code_is_a_warning(root: Path, capsys: pytest.CaptureFixture) -> None:
    (root / "README.md").write_text("nothing\n")
    (root / "code.py").write_text("x = 2\n")
    assert main(["README.md", "--check"]) == 0
    told = capsys.readouterr().err.splitlines()
    assert told == [
        f"warning: {Path('evidence', name)}: measured on code that has since changed (code.py)"
        for name in ("one.json", "search.json")
    ]


def test_bad_input_is_one_line_and_exit_code_two(root: Path, capsys: pytest.CaptureFixture) -> None:
    (root / "bad.md").write_text("<!-- evidence: none -->\n<!-- end -->")
    (root / "latin.md").write_bytes(b"\xe9")
    for name in ("missing.md", "bad.md", "latin.md"):
        for check in ([], ["--check"]):
            assert main([name, *check]) == 2
            told = capsys.readouterr().err
            assert told.startswith("error: ")
            assert name in told
            assert told.count("\n") == 1
