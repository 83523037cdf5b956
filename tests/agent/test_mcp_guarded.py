"""A server's tool in a run of ours: what it gives is tainted, and nothing tainted chooses what it is called with."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("mcp")

from openbook.agent.invoke import NotCalled, invoke
from openbook.agent.mcp_client import open_mcp
from openbook.agent.perform import CallFailed
from openbook.agent.world import World
from openbook.guard.capability import EFFECTS
from openbook.guard.labelled import Labelled, tainted
from openbook.guard.policy import Policy
from openbook.values import TRUSTED

NOTES = f"notes={sys.executable} {Path(__file__).parent / 'servers' / 'notes.py'}"
FREE = Policy(effects=dict.fromkeys(EFFECTS, "allow"))


def test_a_servers_tool_is_called_under_the_policy_and_its_words_stay_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with open_mcp(NOTES) as tools:
        world = World({tool.name: tool for tool in tools}, FREE)
        read, fail = world.tools["notes__read_note"], world.tools["notes__fail"]
        found = invoke(read, {"name": Labelled("a")}, TRUSTED, world, step="1")
        assert found.value == "3 lines of a"
        assert found.label.sources == {"notes__read_note"}
        with pytest.raises(NotCalled, match="its name comes from a page, and only the request may choose it"):
            invoke(read, {"name": tainted("a", "a page")}, TRUSTED, world, step="2")
        with pytest.raises(NotCalled, match="the request does not ask for it"):
            invoke(read, {"name": Labelled("a")}, found.label, world, step="3")
        with pytest.raises(NotCalled, match="nobody allowed it"):
            invoke(read, {"name": Labelled("a")}, TRUSTED, World(world.tools), step="4")
        with pytest.raises(CallFailed) as failed:
            invoke(fail, {}, TRUSTED, world, step="5")
        assert failed.value.said.label.sources == {"notes__fail"}
        with pytest.raises(CallFailed, match="required name") as wrong:
            invoke(read, {}, TRUSTED, world, step="6")
        assert wrong.value.said.label.trusted
