"""One served model, opened without patience, and what it said or why it said nothing."""

from collections.abc import Generator
from contextlib import contextmanager

import pytest
from fake_openai import Fake
from tiny_models import asked

from openbook.errors import OpenbookError
from openbook.generate.patience import Patience
from openbook.generate.remote import RemoteModel, open_remote
from openbook.values import Decoding, Token

QUICK = Patience(connect=5, silence=0.5, total=1.5, tries=4, first=0.1)
GREEDY = Decoding()


@contextmanager
def opened(fake: Fake, waits: list[float] | None = None) -> Generator[RemoteModel]:
    model = open_remote(fake.url + "#tiny", QUICK, [].append if waits is None else waits.append)
    try:
        yield model
    finally:
        model.close()


def said(model: RemoteModel, decoding: Decoding = GREEDY, text: str = "Hello?") -> list[Token]:
    return list(model.stream(asked(text), decoding))


def line_of(fake: Fake, decoding: Decoding = GREEDY) -> str:
    with opened(fake) as model, pytest.raises(OpenbookError) as caught:
        said(model, decoding)
    assert "\n" not in str(caught.value)
    return str(caught.value)
