"""Which HTML elements end where another begins or ends, for the auditor alone: pages leave out many end tags.

The standard's rules for paragraphs, lists, tables and ruby; not its repairs of elements that overlap.
"""

from collections.abc import Sequence

_VOID = frozenset("area base br col embed hr img input keygen link meta param source track wbr".split())
_FRAME = frozenset({"body", "head", "html"})
"""What is there whether or not its tags are, and never hides the page."""

_END_P = frozenset(
    "address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form h1"
    " h2 h3 h4 h5 h6 header hgroup hr li listing main menu nav ol p plaintext pre search section summary table ul"
    " xmp".split()
)
_TABLE_PARTS = frozenset("caption colgroup table tbody td tfoot th thead tr".split())
_END_SIBLINGS = {
    "li": frozenset({"li"}),
    "optgroup": frozenset({"option", "optgroup"}),
    "option": frozenset({"option"}),
    "tr": frozenset({"caption", "td", "th", "tr"}),
    **dict.fromkeys(("dd", "dt"), frozenset({"dd", "dt"})),
    **dict.fromkeys(("rp", "rt"), frozenset({"rp", "rt"})),
    **dict.fromkeys(("td", "th"), frozenset({"caption", "td", "th"})),
    **dict.fromkeys(("tbody", "tfoot", "thead"), frozenset("caption tbody td tfoot th thead tr".split())),
}
_WALLS = frozenset("caption object select svg table td template th".split())
_AROUND_ITEMS = _WALLS | frozenset("button dl ol ruby ul".split())
_AROUND_TABLE_PARTS = frozenset({"table", "template"})
_BLOCKS = _END_P | _TABLE_PARTS | _WALLS | {"button"}
_DEEPEST = 512
"""How far up an element is looked for; browsers nest no deeper."""


def opens(tags: Sequence[str], tag: str) -> bool:
    """Whether a start tag begins an element that holds what follows; outside a table its parts are ignored."""
    if tag in _TABLE_PARTS and tag != "table":
        return "table" in tags[-_DEEPEST:]
    return tag not in _VOID and tag not in _FRAME


def left_by_start(tags: Sequence[str], tag: str) -> int:
    """How many of the open elements, outermost first, are still open inside a new element of this tag."""
    left = len(tags)
    if tag in _END_P:
        left = _outermost(tags, left, frozenset({"p"}), _WALLS | {"button"})
    if tag in _END_SIBLINGS:
        walls = _AROUND_TABLE_PARTS if tag in _TABLE_PARTS else _AROUND_ITEMS
        left = _outermost(tags, left, _END_SIBLINGS[tag], walls)
    return left


def left_by_end(tags: Sequence[str], tag: str) -> int:
    """The same after this end tag, which ends nothing where its element is not open."""
    if tag in _TABLE_PARTS:
        walls = _AROUND_TABLE_PARTS
    elif tag == "li":
        walls = _AROUND_ITEMS
    else:
        walls = _WALLS if tag in _BLOCKS else _BLOCKS
    for depth in _upwards(len(tags)):
        if tags[depth] == tag:
            return depth
        if tags[depth] in walls:
            break
    return len(tags)


def _outermost(tags: Sequence[str], top: int, wanted: frozenset[str], walls: frozenset[str]) -> int:
    if wanted.isdisjoint(tags[max(0, top - _DEEPEST) : top]):
        return top
    found = top
    for depth in _upwards(top):
        if tags[depth] in wanted:
            found = depth
        elif tags[depth] in walls:
            break
    return found


def _upwards(top: int) -> range:
    return range(top - 1, max(-1, top - 1 - _DEEPEST), -1)
