"""The plan of a run: from the request alone."""

from openbook.agent.plan import Plan
from openbook.agent.planner import NotUnderstood, planned
from openbook.cli.agent_setting import Opened, Setting
from openbook.protocols import LanguageModel


def made_plan(setting: Setting, opened: Opened, model: LanguageModel | None = None) -> Plan:
    """By the model, where one is given. Raises OpenbookError in one line where the request is not understood."""
    if model is not None:
        from openbook.agent.model_planner import written_plan

        return written_plan(model, setting.task, opened.tools).plan
    try:
        return planned(setting.task, opened.tools, opened.encoder)
    except NotUnderstood as error:
        absent = [option for option, is_there in (("--docs", setting.docs), ("--root", setting.root)) if not is_there]
        more = f"; {' and '.join(absent)} would open more" if absent and setting.tools is None and setting.task else ""
        raise NotUnderstood(f"{error}{more}") from None
