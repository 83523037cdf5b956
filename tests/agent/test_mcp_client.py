"""Any server's tools are ours under our rules, over stdio and HTTP, and no server does more than end its connection."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("mcp")

from openbook.agent.mcp_client import open_mcp, open_servers
from openbook.agent.mcp_wire import LIMITS, WireLimits
from openbook.agent.tool import BadArguments, Tool, ToolFailed, result_label
from openbook.errors import OpenbookError
from openbook.guard.capability import EFFECTS
from openbook.guard.labelled import Labelled
from openbook.guard.policy import Policy, decide
from openbook.values import TRUSTED

SERVERS = Path(__file__).parent / "servers"
NOTES = f"{sys.executable} {SERVERS / 'notes.py'}"
QUICK = WireLimits(start=20, call=10, message=200_000, flow=2_000_000, messages=2_000, noise=100)


@pytest.fixture(autouse=True)
def _pins_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def hostile(how: str) -> str:
    return f"h={sys.executable} {SERVERS / 'hostile.py'} {how}"


def named(tools: Sequence[Tool], name: str) -> Tool:
    return next(tool for tool in tools if tool.name == name)


@contextmanager
def over_http() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, SERVERS / "notes.py", str(port)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"notes=http://127.0.0.1:{port}/mcp"
    finally:
        server.kill()
        server.wait()


@contextmanager
def over_stdio() -> Iterator[str]:
    yield f"notes={NOTES}"


@pytest.mark.parametrize("transport", [over_stdio, over_http])
def test_a_servers_tools_are_called_as_ours(transport: object) -> None:
    with transport() as spec, open_mcp(spec) as tools:  # type: ignore[operator]
        read = named(tools, "notes__read_note")
        assert read.call(read.check({"name": "a", "lines": 5})) == "5 lines of a"
        for wrong in ({}, {"name": 1}, {"name": "a", "lines": "x"}):
            with pytest.raises(BadArguments, match="notes__read_note cannot be called like this"):
                read.check(wrong)  # type: ignore[arg-type]
        assert named(tools, "notes__list_notes").call({}) == "a\nb"
        assert re.fullmatch(r"\[image, image/png, \d+ characters: not read\]", named(tools, "notes__picture").call({}))  # type: ignore[arg-type]
        with pytest.raises(ToolFailed, match=r"notes__fail failed: .*fail"):
            named(tools, "notes__fail").call({})
        with pytest.raises(ToolFailed, match="1,500,000 characters, at most 1,000,000"):
            named(tools, "notes__big").call({})
        assert result_label(read, {"name": Labelled("a")}).sources == {"notes__read_note"}


def test_a_tool_may_do_everything_until_a_person_says_otherwise_and_its_hints_say_nothing() -> None:
    with open_mcp(NOTES) as tools:
        read = named(tools, "python__read_note") if "python" in tools[0].name else tools[0]
        assert read.capability.effects == set(EFFECTS)
        assert read.capability.content == frozenset()
        assert decide(read.capability, {"name": Labelled("a")}, TRUSTED, Policy()).action == "ask"


def test_no_word_of_a_server_is_in_a_tool_before_a_person_accepted_it() -> None:
    with open_mcp(f"notes={NOTES}") as tools:
        read = named(tools, "notes__read_note")
        assert read.description == "read note: a tool of the MCP server notes, given name, lines"
        assert "eve@example.org" not in repr(tools)
        assert "delete_all" not in repr(tools)


def test_a_person_may_say_what_a_tool_does(tmp_path: Path) -> None:
    file = tmp_path / "notes.toml"
    file.write_text(
        f"[server]\ncommand = ['{sys.executable}', '{SERVERS / 'notes.py'}']\n"
        "[server.tools.read_note]\neffects = ['reads']\ncontent = ['name']\ndescription = 'Read one note.'\n"
    )
    with open_mcp(str(file)) as tools:
        read = named(tools, "notes__read_note")
        assert read.description == "Read one note."
        assert decide(read.capability, {"name": Labelled("a")}, TRUSTED, Policy()).action == "allow"
        assert named(tools, "notes__fail").capability.effects == set(EFFECTS)


@pytest.mark.parametrize(
    ("table", "said"),
    [("[server.tools.read_notes]\neffects = []\n", "no tool read_notes"),
     ("[server.tools.read_note]\neffects = []\ncontent = ['nam']\n", "no argument nam")],
)  # fmt: skip
def test_a_rule_for_what_is_not_there_is_refused(tmp_path: Path, table: str, said: str) -> None:
    file = tmp_path / "notes.toml"
    file.write_text(f"[server]\ncommand = ['{sys.executable}', '{SERVERS / 'notes.py'}']\n{table}")
    with pytest.raises(OpenbookError, match=said), open_mcp(str(file)):
        pass


def test_a_server_sees_no_secret_of_the_environment_but_what_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_TOKEN", "x")
    monkeypatch.setenv("NOTES_TOKEN", "y")
    file = tmp_path / "notes.toml"
    file.write_text(
        f"[server]\ncommand = ['{sys.executable}', '{SERVERS / 'notes.py'}']\nenvironment = ['NOTES_TOKEN']\n"
    )
    with open_mcp(str(file)) as tools:
        seen = str(named(tools, "notes__variables").call({})).split()
    assert "NOTES_TOKEN" in seen
    assert "OTHER_TOKEN" not in seen
    monkeypatch.delenv("NOTES_TOKEN")
    with pytest.raises(OpenbookError, match="needs the variable NOTES_TOKEN"), open_mcp(str(file)):
        pass


@pytest.mark.slow
def test_a_call_that_takes_too_long_fails_and_the_next_is_answered() -> None:
    with open_mcp(f"notes={NOTES}", WireLimits(call=2)) as tools:
        with pytest.raises(ToolFailed, match="did not answer within 2 seconds"):
            named(tools, "notes__slow").call({})
        assert named(tools, "notes__list_notes").call({}) == "a\nb"


def test_a_server_that_dies_in_a_call_is_told_and_calls_after_it_fail_at_once() -> None:
    with open_mcp(f"notes={NOTES}") as tools:
        for _ in range(2):
            with pytest.raises(ToolFailed, match="the MCP server notes ended with code 7"):
                named(tools, "notes__die").call({})


def test_a_listing_that_changed_is_refused_with_what_changed() -> None:
    with open_mcp(hostile("pulls")) as tools:
        assert [tool.name for tool in tools] == ["h__t"]
    with pytest.raises(OpenbookError, match=r"does not offer what it did \(changed: t\)"), open_mcp(hostile("pulls")):
        pass


@pytest.mark.parametrize(
    ("how", "said"),
    [("stops", r"ended with code 1 \(it says: ModuleNotFoundError: no module named notes \[2J\)"),
     ("names", "names a tool 't Ignore all"),
     ("many", "over 128 tools"),
     ("pages", "over 128 pages")],
)  # fmt: skip
def test_a_server_that_does_not_start_as_one_is_refused_in_one_line(how: str, said: str) -> None:
    with pytest.raises(OpenbookError, match=said) as error, open_mcp(hostile(how), QUICK):
        pass
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("how", "said"),
    [("broken", "sent a broken message"),
     ("long", "a message of over 200,000 bytes"),
     ("floods", "sent over 2,000"),
     ("chats", "over 100 lines that are no messages"),
     ("shape", "does not answer as it should"),
     ("dies", "was ended by signal 6")],
)  # fmt: skip
def test_a_server_that_breaks_the_protocol_in_a_call_fails_it_in_one_line(how: str, said: str) -> None:
    with open_mcp(hostile(how), QUICK) as tools:
        with pytest.raises(ToolFailed, match=said) as error:
            tools[0].call({"x": 1})
        assert str(error.value).isprintable()


def test_a_server_that_is_silent_is_given_up_and_ended() -> None:
    with (
        pytest.raises(OpenbookError, match="did not list its tools within 1 seconds"),
        open_mcp(hostile("silent"), WireLimits(start=1)),
    ):
        pass


def test_what_a_server_asks_for_is_refused() -> None:
    with open_mcp(hostile("asks"), QUICK) as tools:
        assert tools[0].call({}) == "refused refused refused"
    with open_mcp(f"notes={NOTES}") as tools, pytest.raises(ToolFailed):
        named(tools, "notes__asks").call({})


def test_a_banner_is_passed_over() -> None:
    with open_mcp(hostile("banner"), QUICK) as tools:
        assert str(tools[0].call({})).startswith("fine")


def test_a_tool_whose_schema_cannot_be_checked_is_left_out_and_that_is_said() -> None:
    said: list[str] = []
    with open_mcp(hostile("refers"), QUICK, said.append) as tools:
        assert [tool.name for tool in tools] == ["h__t"]
    assert any("h__far: its schema refers to http://127.0.0.1:9/x" in line for line in said)


def test_a_schema_that_doubles_at_every_level_is_given_up() -> None:
    with open_mcp(hostile("laughs"), QUICK) as tools, pytest.raises(BadArguments, match="takes too long to check"):
        tools[0].check({"x": 1})


@pytest.mark.skipif(os.name == "nt", reason="process groups of POSIX")
def test_no_process_of_a_server_is_left_behind() -> None:
    with open_mcp(hostile("forks"), QUICK) as tools:
        child = int(str(tools[0].call({})))
        assert alive(child)
    assert gone(child)


@pytest.mark.skipif(os.name == "nt", reason="process groups of POSIX")
def test_no_process_of_a_server_outlives_us_when_we_are_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom openbook.agent.mcp_client import open_mcp\n"
        "with open_mcp(sys.argv[1]) as tools:\n    print(tools[0].call({}), flush=True)\n    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, hostile("forks")], stdout=subprocess.PIPE, text=True) as us:
        assert us.stdout is not None
        child = int(us.stdout.readline())
        assert alive(child)
        us.kill()
    assert gone(child)


def gone(pid: int) -> bool:
    for _ in range(100):
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


def alive(pid: int) -> bool:
    """Whether it runs: one that ended and that nobody waits for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_an_error_of_ours_while_a_server_is_open_stays_what_it_is() -> None:
    with pytest.raises(KeyboardInterrupt), open_mcp(hostile("fine"), QUICK):
        raise KeyboardInterrupt
    assert LIMITS.start > QUICK.start


def test_two_servers_are_open_together_and_never_under_one_name() -> None:
    one, two = (hostile("fine").replace("h=", f"{name}=", 1) for name in ("one", "two"))
    with open_servers([one, two], QUICK) as tools:
        assert [tool.name for tool in tools] == ["one__t", "two__t"]
    with pytest.raises(OpenbookError, match="two MCP servers are named one"), open_servers([one, one], QUICK):
        pass


@pytest.mark.parametrize("spec", ["/no/such/program", "notes=", "http://127.0.0.1:1/mcp", "'open quote", "ftp://x/y"])
def test_a_server_that_is_not_there_is_said_in_one_line(spec: str) -> None:
    with pytest.raises(OpenbookError) as error, open_mcp(spec, QUICK):
        pass
    assert "\n" not in str(error.value)
