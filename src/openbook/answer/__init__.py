"""Choose, cite, verify, abstain: the main job."""

from openbook.answer.ask import AskSettings, ask

__all__ = ["AskSettings", "ask"]
