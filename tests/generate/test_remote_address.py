"""Which server and model an address names, and to which servers the key is told."""

import pytest
from fake_openai import Reply, event, fault, serving, spoken
from served import QUICK, line_of, opened, said

from openbook.errors import OpenbookError
from openbook.generate.remote import open_remote

KEY = "sk-very-secret-0123456789"


def test_the_only_model_is_taken_and_of_several_none() -> None:
    with serving(spoken("x")) as fake:
        model = open_remote(fake.url, QUICK)
        assert model.model == "tiny"
        model.close()
    several = pytest.raises(OpenbookError, match=r"offers m0, m1, .* and 12 more: add #MODEL")
    with serving(spoken("x"), models=tuple(f"m{n}" for n in range(20))) as fake, several:
        open_remote(fake.url, QUICK)
    with serving(spoken("x"), models=()) as fake, pytest.raises(OpenbookError, match="offers no model"):
        open_remote(fake.url, QUICK)


def test_the_key_goes_to_the_server_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_API_KEY", KEY)
    with serving(fault(500, f"bad {KEY}")) as fake:
        assert KEY not in line_of(fake)
        assert fake.headers[0]["Authorization"] == f"Bearer {KEY}"
    with serving(Reply([event(error={"message": "x" * 150 + KEY})])) as fake:
        assert KEY[:5] not in line_of(fake)
    with serving(fault(401, f"bad {KEY}")) as fake:
        assert line_of(fake).endswith("refuses the key in OPENBOOK_API_KEY: check it")
    with serving(spoken("x")) as fake, opened(fake) as model:
        assert KEY not in repr(model) + model.name


def test_the_key_never_crosses_a_network_in_the_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_API_KEY", KEY)
    for url, sent in (
        ("http://models.example/v1#m", False),
        ("http://10.0.0.1/v1#m", False),
        ("http://127.0.0.1.example/v1#m", False),
        ("https://models.example/v1#m", True),
        ("http://localhost:1/v1#m", True),
        ("http://[::1]:1/v1#m", True),
    ):
        model = open_remote(url, QUICK)
        assert bool(model.server.address.key()) is sent
        model.close()
    monkeypatch.setenv("OPENBOOK_API_KEY", KEY + "\nX-Other: 1")
    model = open_remote("http://localhost:1/v1#m", QUICK)
    with pytest.raises(OpenbookError, match="characters that no key has") as caught:
        said(model)
    assert KEY not in str(caught.value)
    model.close()


@pytest.mark.parametrize(
    "spec",
    [
        "http://",
        "http://u:pw@h/v1#m",
        "https://h/v1?x=1",
        "http://h:99999/v1",
        "http://[::1/v1",
        "http://a b/",
        "http://h/#\n",
    ],
)
def test_what_is_no_address_is_one_line(spec: str) -> None:
    with pytest.raises(OpenbookError) as caught:
        open_remote(spec, QUICK)
    assert "\n" not in str(caught.value)
    assert "pw" not in str(caught.value)
