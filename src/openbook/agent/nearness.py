"""How near a part of a request is to what each tool says of itself, and to what no tool here does.

Nearness is the cosine of sentence embeddings; no word decides by itself. An order is compared twice: as it is, and by
how it begins ("look up something"), since what it is about says nothing of what is to be done.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from openbook.agent.request.form import gist
from openbook.agent.request.mentions import mentions, told_alike
from openbook.agent.tool import Tool
from openbook.protocols import Embedder, Matrix

BEYOND = (
    "delete plan.txt",
    "delete a file",
    "rename plan.txt to old.txt",
    "move plan.txt to the archive",
    "move a folder",
    "run plan.txt",
    "run a program",
    "send an e-mail to ann@example.com",
    "send plan.txt to someone",
    "e-mail it",
    "send a message",
    "post it on social media",
    "upload a file",
    "buy some tickets",
    "order some food",
    "book a flight",
    "book a table",
    "transfer 100 euros to someone",
    "pay the bill",
    "play some music",
    "turn off the lights",
    "turn on the heating",
    "remind me tomorrow",
    "set an alarm",
    "call my mother",
    "draw a picture",
    "translate it into French",
    "write a poem",
    "make a presentation",
    "install a package",
    "restart the server",
    "change the password",
    "clean the house",
    "cook a meal",
    "wash something",
    "cancel the order",
    "sign the contract",
    "invite someone",
    "print it on paper",
)
"""Orders of people that none of the shipped tools can carry out: what is nearest to one of these is not understood."""


class Nearness:
    """Texts of the tools are embedded once."""

    def __init__(self, tools: Sequence[Tool], embed: Embedder) -> None:
        self._embed = embed
        self._texts = {tool.name: [_alike(each) for each in (tool.description, *tool.examples)] for tool in tools}

    def whole(self, alike: str) -> Mapping[str, float]:
        """By tool's name: the best of its texts; ``""`` for what is beyond all."""
        return self._best(alike, self._vectors)

    def beginning(self, alike: str) -> Mapping[str, float]:
        return self._best(gist(alike), self._gists)

    @cached_property
    def _vectors(self) -> Mapping[str, Matrix]:
        return {name: self._embed(texts) for name, texts in {**self._texts, "": list(BEYOND)}.items()}

    @cached_property
    def _gists(self) -> Mapping[str, Matrix]:
        of_tools = {name: [gist(each) for each in texts[1:]] or texts for name, texts in self._texts.items()}
        return {name: self._embed(texts) for name, texts in {**of_tools, "": [gist(each) for each in BEYOND]}.items()}

    def _best(self, text: str, rows: Mapping[str, Matrix]) -> Mapping[str, float]:
        vector = self._embed([text])[0]
        return {name: float(np.max(matrix @ vector)) for name, matrix in rows.items()}


def _alike(text: str) -> str:
    return told_alike(text, mentions(text))
