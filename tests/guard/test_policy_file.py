"""A policy file means what it says; what it cannot mean is refused in one line with the nearest right word."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.errors import OpenbookError
from openbook.guard import policy_file
from openbook.guard.capability import Capability
from openbook.guard.labelled import Labelled, tainted
from openbook.guard.policy import ArgumentRule, Policy, ToolRule, decide
from openbook.guard.policy_file import LARGEST, read_policy
from openbook.values import TRUSTED

TOOLS = {"send_mail": ["to", "subject", "body"], "read_file": ["path"]}


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "policy.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_what_is_written_is_what_holds(tmp_path: Path) -> None:
    text = """
        tainted = "ask"
        [effects]
        sends = "refuse"
        [tools.send_mail]
        action = "ask"
        [tools.send_mail.arguments.to]
        one_of = ["anna@example.org", 7, true, ["a"], {b = 1}]
        [tools.send_mail.arguments.subject]
        content = false
    """
    policy = read_policy(written(tmp_path, text), TOOLS)
    assert policy.effects == {**Policy().effects, "sends": "refuse"}
    assert policy.tainted == "ask"
    assert policy.tools == {
        "send_mail": ToolRule(
            "ask",
            {
                "to": ArgumentRule(("anna@example.org", 7, True, ["a"], {"b": 1})),
                "subject": ArgumentRule(None, content=False),
            },
        )
    }


def test_an_empty_file_is_the_default(tmp_path: Path) -> None:
    assert read_policy(written(tmp_path, "")) == Policy()


def test_the_documented_example_is_read_and_decides(tmp_path: Path) -> None:
    """That of the module, and of docs/guarding.md, which are one."""
    example = (policy_file.__doc__ or "").split("\n", 2)[2].rpartition("One file")[0]
    assert example[example.index("[effects]") :].strip() in (
        Path(__file__).parents[2] / "docs" / "guarding.md"
    ).read_text(encoding="utf-8")
    policy = read_policy(written(tmp_path, example), {"write_file": ["path", "text"], "calculate": ["expression"]})
    write = Capability("write_file", frozenset(["writes"]), frozenset(["text"]))
    text = tainted("x", "web")
    assert decide(write, {"path": tainted("notes/today.md", "web"), "text": text}, TRUSTED, policy).action == "allow"
    assert decide(write, {"path": Labelled("other.md"), "text": text}, TRUSTED, policy).action == "refuse"
    send = Capability("mail__send", frozenset(["sends"]), frozenset(["body"]))
    assert decide(send, {"body": text}, TRUSTED, policy).action == "refuse"


OPEN = {"write_file": ["path"], "calculate": ["expression"], "notes__delete": ["name"]}


@pytest.mark.parametrize("name", ["http_get", "mail__send", "calendar__delete"])
def test_one_file_serves_several_runs(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, f"[tools.{name}]\naction='refuse'")
    assert read_policy(path, OPEN, ["http_get"]).tools[name].action == "refuse"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("write_fiel", "did you mean write_file?"),
        ("htp_get", "did you mean http_get?"),
        ("notse__delete", "did you mean notes__delete?"),
        ("note__delete", "did you mean notes__delete?"),
        ("notes__delet", "did you mean notes__delete?"),
        ("notes__drop", "is not a tool that there is"),
        ("write__file", "did you mean write_file?"),
        ("delete_everything", "is not a tool that there is"),
        ("__send", "is not a tool that there is"),
        ("mail__", "is not a tool that there is"),
    ],
)
def test_a_rule_that_may_be_misspelt_is_refused(tmp_path: Path, name: str, said: str) -> None:
    """Else the tool that it is to restrict would be left as it is."""
    with pytest.raises(OpenbookError, match="is not a tool") as refused:
        read_policy(written(tmp_path, f"[tools.{name}]\naction='refuse'"), OPEN, ["http_get"])
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("taintd = 'ask'", "did you mean tainted?"),
        ("[efects]\nsends='ask'", "did you mean effects?"),
        ("[effects]\nsend='ask'", "did you mean sends?"),
        ("[effects]\nsends='alow'", "did you mean allow?"),
        ("[effects]\nsends=true", "true or false is not what can be done"),
        ("tainted = 'allow'", "'allow' is not what can be done: write refuse, ask"),
        ("[tools.send_mial]\naction='ask'", "did you mean send_mail?"),
        ("[tools.send_mail]\nactions='ask'", "did you mean action?"),
        ("[tools.send_mail.arguments.bodi]\ncontent=true", "did you mean body?"),
        ("[tools.send_mail.arguments.to]\noneof=['a']", "did you mean one_of?"),
        ("[tools.send_mail.arguments.to]\none_of='a'", "write a list"),
        ("[tools.send_mail.arguments.to]\none_of=[2026-01-01]", "a date or time"),
        ("[tools.send_mail.arguments.to]\none_of=[nan]", "no argument can be"),
        ("[tools.send_mail.arguments.to]\ncontent='yes'", "write true or false"),
        ("tools = 3", "write a table"),
        ("[tools]\nsend_mail = 'refuse'", "write a table"),
        ("effects = ", "is not valid TOML"),
        ("[effects]\nsends='ask'\nsends='allow'", "is not valid TOML"),
        (b"\xff\xfe", "not UTF-8"),
        ("#" * (LARGEST + 1), "too large for a policy file"),
        ("a = " + "[" * 5_000, "nested too deeply"),
        ("a = 1" + "0" * 5_000, "nested too deeply or too long"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(OpenbookError) as refused:
        read_policy(written(tmp_path, text), TOOLS)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_without_a_list_of_tools_any_tool_may_be_named(tmp_path: Path) -> None:
    assert read_policy(written(tmp_path, "[tools.anything]\naction='refuse'")).tools["anything"].action == "refuse"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OpenbookError, match="there is no policy file"):
        read_policy(tmp_path / "none.toml")
    with pytest.raises(OpenbookError, match="cannot read the policy file"):
        read_policy(tmp_path)


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=12), min_size=1, max_size=3))
def test_no_key_is_passed_over(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, str]) -> None:
    from json import dumps

    lines = "\n".join(f"{dumps(key)} = {dumps(value)}" for key, value in keys.items())
    path = written(tmp_path_factory.mktemp("policy"), lines.encode("utf-8", "replace"))
    try:
        read_policy(path)
    except OpenbookError:
        return
    assert set(keys) == {"tainted"}
