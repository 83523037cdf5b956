"""The plan of a run: from the request alone."""

from openbook.agent.plan import Plan
from openbook.agent.planner import NotUnderstood, planned
from openbook.cli.agent_setting import Opened, Setting


def made_plan(setting: Setting, opened: Opened) -> Plan:
    """Raises OpenbookError in one line where the request is not understood."""
    try:
        return planned(setting.task, opened.tools, opened.encoder)
    except NotUnderstood as error:
        absent = [option for option, is_there in (("--docs", setting.docs), ("--root", setting.root)) if not is_there]
        more = f"; {' and '.join(absent)} would open more" if absent and setting.tools is None and setting.task else ""
        raise NotUnderstood(f"{error}{more}") from None
