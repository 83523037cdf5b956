"""Which line ends also end a sentence: those around headings, list items, table rows, code and blank lines.

Other lines were only wrapped, and their sentences go on. A text does not say which kind it is, so each line is judged
by its form; where a form alone would be weak evidence, the neighbour must have it too.
"""

import re
from collections.abc import Iterator
from enum import Enum


class Form(Enum):
    """What a line looks like."""

    PROSE = "prose"
    BLANK = "blank"
    ALONE = "alone"  # neither neighbour belongs to it: a heading, rule, table row, fence, line of code
    ITEM = "item"  # begins something that may go on in the next line: a list item, a quoted key
    NUMBERED = "numbered"  # an item by number, unless a wrapped sentence happens to go on with one
    QUOTED = "quoted"  # Markdown's or an email's mark for words of another
    PAIRED = "paired"  # a key and its value, an assignment, a statement: only beside another such line


_RULE = re.compile(r"([=\-~^\"'`#*+.:_])\1{2,}$")
_ALONE = re.compile(
    r"""\#{1,6}(?:[ \t]|$)                          # heading, or a comment in code
    | (?:```|~~~) | \| | \+[-=+]{2} | //|/\*|\*/|<!--|-->|>>>[ ]|\$[ ]\w|\#!
    | \.\.[ \t]+[\w-]+:: | :[\w -]{1,30}:(?:[ \t]|$)  # directive, field
    | @\w+(?:[.(]|$) | </?\w[^>]{0,300}>$ | [\])}]+[;,.]?$ | \{.*[}\],]{1,3}$
    | \$\$(?!.{1,500}?\$\$[ \t]*\w)                       # formula, unless the line goes on after it
    | \\(?:begin|end|part|chapter|(?:sub)*section|paragraph|caption|label|maketitle|usepackage|documentclass)\b""",
    re.VERBOSE,
)
_STATEMENT = re.compile(
    r"""from[ ][\w.]+[ ]import[ ] | import[ ][\w.]+(?:[ ]as[ ]\w+)?[ \t]*;?$ | (?:async[ ])?def[ ]\w+\(
    | class[ ]\w+(?:\([^)]{0,80}\))?:$ | \#include\b""",
    re.VERBOSE,
)
_ITEM = re.compile(
    r"""(?:[-*+•◦▪‣·●○■][ \t]+\S | \(?(?:[a-z]|[ivx]{1,4})\)[ \t]+\S | ["'][\w .-]{1,40}["'][ \t]*: | \\item\b)""",
    re.VERBOSE,
)
_NUMBERED = re.compile(r"\(?(\d{1,3})[.)][ \t]+\S")
_PAIRED = re.compile(
    r"""[\w.-]{1,40}[ \t]*[:=](?:[ \t]|$)                       # key: value, name = value
    | [\w.\[\]'"]{1,60}[ ]?(?:[-+*/|&^%:]?=)[ ]?\S                # assignment
    | [\w.]{1,60}\(.{0,200}\)$                                  # call
    | (?:if|for|while|with|elif|except|switch|case)\b.*[:){]$    # words of prose too, so the line's end must agree
    | (?:else|try|finally|end|pass|break|continue):?$
    | (?:return|yield|raise|throw|await|let|const|var|public|private|static)(?:[ ]\S+){0,4}$""",
    re.VERBOSE,
)
_TWO_VALUES = re.compile(r"[^\s\d],\S|\d,[^\s\d]")
_FENCE = re.compile(r"(?:```+|~~~+)[ \t]*(\S?)")
_CODE_SIGNS = re.compile(r"[=()<>\[\]{}]")


def hard_breaks(text: str, start: int, end: int) -> Iterator[int]:
    """Positions of the line ends in text[start:end] that end a sentence, in order. Time is linear in the length."""
    fenced = _starts_fenced(text, start, end)
    in_formula = in_list = False
    form = Form.BLANK
    position = start
    while position < end:
        stop = text.find("\n", position, end)
        stop = end if stop < 0 else stop
        line = text[position:stop].strip()
        above, form = form, _form(line)
        is_fence = bool(_FENCE.match(line))
        begins = fenced or is_fence or _begins(above, form, line, in_list=in_list)
        if position > start and begins and not in_formula:
            yield position - 1
        fenced = fenced != is_fence
        in_list = form is Form.ITEM or (form is Form.NUMBERED and begins) or (in_list and form is not Form.BLANK)
        if in_formula:
            in_formula = form is not Form.BLANK and not line.endswith("$$")
            form = Form.ALONE
        else:
            in_formula = line.startswith("$$") and "$$" not in line[2:]
        position = stop + 1


def _begins(above: Form, form: Form, line: str, *, in_list: bool) -> bool:
    """Whether a sentence begins with this line, whatever the one above ended with."""
    if Form.BLANK in (above, form) or Form.ALONE in (above, form) or form is Form.ITEM:
        return True
    if form is Form.NUMBERED:
        number = _NUMBERED.match(line)
        return in_list or (number is not None and number[1] in ("0", "1"))
    if Form.QUOTED in (above, form):
        return above is not form
    return above is Form.PAIRED and form is Form.PAIRED


def _form(line: str) -> Form:
    if not line:
        return Form.BLANK
    first, last = line[0], line[-1]
    if last == "{" or (last == ";" and _CODE_SIGNS.search(line)) or "\t" in line or line.count(" | ") > 1:
        return Form.ALONE
    if first.isalpha():
        if _STATEMENT.match(line):
            return Form.ALONE
        if _ITEM.match(line):
            return Form.ITEM
    else:
        if _ALONE.match(line) or _RULE.match(line):
            return Form.ALONE
        if first == ">":
            return Form.QUOTED
        if _ITEM.match(line):
            return Form.ITEM
        if _NUMBERED.match(line):
            return Form.NUMBERED
    return Form.PAIRED if " | " in line or _is_row(line) or _PAIRED.match(line) else Form.PROSE


def _is_row(line: str) -> bool:
    """Comma-separated values: in prose a blank follows each comma, but for one within a number."""
    return "," in line and ", " not in line and (line.count(",") > 1 or bool(_TWO_VALUES.search(line)))


def _starts_fenced(text: str, start: int, end: int) -> bool:
    """Whether the range begins inside fenced code: its fences are odd in number, and the first cannot open one."""
    fences = [match[1] for match in re.finditer(r"^[ \t]*(?:```+|~~~+)[ \t]*(\S?)", text[start:end], re.MULTILINE)]
    return len(fences) % 2 == 1 and not fences[0]
