"""Arithmetic as people say it, into the calculator's notation, with a place for each thing that is not yet a number.

    "half of the rent plus 17"  ->  ((0.5 * {0}) + 17), [the rent]

A grammar by recursive descent like the calculator's own; a text that it does not cover to its end is no arithmetic.
"""

import re
from dataclasses import dataclass

from openbook.agent.request.references import REFERENCE, Reference, reference_of
from openbook.agent.tools.quantities import NUMBER

MOST_CHARACTERS, MOST_OPERANDS = 1_000, 16

Operand = Reference | str
"""What an earlier part gave, or words that say what is meant: "the monthly rent"."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """template: with {0}, {1} for the operands. computes: whether there is anything to work out. bare: whether any
    operand is said by words alone."""

    template: str
    operands: tuple[Operand, ...]
    computes: bool

    @property
    def named(self) -> bool:
        return any(isinstance(each, str) for each in self.operands)


class _Unread(Exception):
    """The text goes on in another way than the grammar."""


_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "hundred": "100", "thousand": "1000", "million": "1000000",
    "zero": "0", "a hundred": "100", "a thousand": "1000", "a million": "1000000", "a dozen": "12",
}  # fmt: skip
_SHARES = {
    "half": "1/2",
    "a half": "1/2",
    "one half": "1/2",
    "a third": "1/3",
    "one third": "1/3",
    "two thirds": "2/3",
    "a quarter": "1/4",
    "one quarter": "1/4",
    "three quarters": "3/4",
    "a fifth": "1/5",
    "a tenth": "1/10",
}
_TIMES = {"twice": "2", "double": "2", "triple": "3", "thrice": "3", "quadruple": "4", "halve": "1/2"}
_LISTS = {
    "sum of": "sum", "total of": "sum", "add": "sum", "add up": "sum", "sum up": "sum", "sum": "sum", "total": "sum",
    "average of": "mean", "mean of": "mean", "average": "mean", "largest of": "max", "maximum of": "max",
    "larger of": "max", "smallest of": "min", "minimum of": "min", "smaller of": "min",
}  # fmt: skip
_PAIRS: tuple[tuple[str, str, str], ...] = (
    ("multiply", "by|with|times", "({0} * {1})"),
    ("divide|split", "by|among|between|into", "({0} / {1})"),
    ("add", "to|and|plus", "({0} + {1})"),
    ("subtract|deduct|take(?: away)?", "from|off", "({1} - {0})"),
    ("product of", "and", "({0} * {1})"),
    ("quotient of|ratio of|ratio between", "and|to", "({0} / {1})"),
    ("difference between|difference of", "and", "abs({0} - {1})"),
    ("(?:what|which) (?:percentage|percent|share|fraction|part) of", "is|are|was|were", "({1} / {0} * 100)"),
    ("how (?:much|many) (?:more|larger|bigger|higher|longer|older|greater) (?:is|are)", "than", "({0} - {1})"),
    ("how (?:much|many) (?:less|smaller|lower|shorter|younger|fewer) (?:is|are)", "than", "({1} - {0})"),
    ("how many times (?:(?:more|larger|bigger|higher|longer|greater|as (?:much|large|big|high|long)) )?(?:is|are)",
     "than|as", "({0} / {1})"),
    ("how many times does", "(?:fit|go) in(?:to)?", "({1} / {0})"),
)  # fmt: skip
_ALL: tuple[tuple[str, str, str], ...] = (
    ("multiply|product of", " * ", "({0})"),
    ("difference between|difference of|subtract", " - ", "abs({0})"),
    ("divide|ratio of|ratio between", " / ", "({0})"),
)
_CHANGES: tuple[tuple[str, str], ...] = (("increase|raise|grow", "+"), ("decrease|reduce|lower|cut|shrink", "-"))
_ENDINGS = re.compile(r"(?: (?:up|together|altogether|in total|for me|please|then|now|too|again|as well))+$")
_ARTICLE = re.compile(r"(?:the|a|an|what the|what is the) (?=[a-z])")
_ORDERS = re.compile(
    r"(?:please )?(?:calculate|compute|evaluate|work out|what is|what['’]s|how much is|how many is)", re.IGNORECASE
)
_NOT_WITHIN, _NO_DATE = r"(?![\w]|[-/]\d)", r"(?!\w|-\d{2}-\d{2}(?!\d)|/\d{1,2}/\d{2,4}(?!\d))"
"""Behind a number: "24/7" and "pages 2-3" within other words are no arithmetic, and a date never is any."""

_NOUNS = re.compile(r"(?:the|our|my|its|their|his|her|each|[A-Z][\w’'-]*)\b(?: [^\W\d_][\w’'-]*){0,7}")
_JOINS = re.compile(
    r" (?:plus|minus|times|divided|multiplied|over|less|by|from|to|and|is|are|than|as|into|with|squared|cubed)\b"
)


def arithmetic(text: str) -> Arithmetic | None:
    """The arithmetic that the whole text is, but for words before it that call for it; None where it is none."""
    plain = " ".join(text.split()).strip(" .?!:,=")
    plain = _ENDINGS.sub("", plain[:1].lower() + plain[1:])
    if len(plain) > MOST_CHARACTERS:
        return None
    calls_for_it = re.match(r"(?:(?!and\b)[^\W\d_][\w’']* ){0,6}", plain)
    before = calls_for_it[0] if calls_for_it else ""
    for start in [0, *(match.end() for match in re.finditer(r" ", before))]:
        reading = _Spoken(plain[start:], ordered=not start or _ORDERS.fullmatch(plain[:start].strip()) is not None)
        try:
            template = reading.whole()
        except _Unread:
            continue
        if reading.computes:
            return Arithmetic(template, tuple(reading.operands), computes=True)
    return None


class _Spoken:
    """Where the descent is; what it passed is gone from ``rest``. ordered: whether all of it is said to be arithmetic,
    as after "calculate"."""

    def __init__(self, text: str, *, ordered: bool) -> None:
        self.rest = text
        self._alone = _NO_DATE if ordered else _NOT_WITHIN
        self.operands: list[Operand] = []
        self.computes = False
        self._depth = 0

    def whole(self) -> str:
        found = self._round() or self.sum()
        if self.rest.strip():
            raise _Unread
        return found

    def sum(self) -> str:
        self._depth += 1
        if self._depth > 40:
            raise _Unread
        value = self._product()
        while sign := self._taken(r"\+|plus\b|-|−|minus\b|less\b|rounded\b"):
            if sign.lower() == "rounded":  # all that was said before it
                value = self._made(f"round({value}{self._places()})")
                continue
            value = self._made(f"({value} {'+' if sign.lower() in ('+', 'plus') else '-'} {self._product()})")
        self._depth -= 1
        return value

    def _product(self) -> str:
        value = self._signed()
        while sign := self._taken(
            r"//|\*(?!\*)|×|·|/|÷|x(?= ?\d)|times\b|multiplied by\b|divided by\b|over\b|%(?= ?[\d(])|modulo\b|mod\b"
        ):
            sign = {"×": "*", "·": "*", "x": "*", "times": "*", "multiplied by": "*", "÷": "/", "over": "/",
                    "divided by": "/", "modulo": "%", "mod": "%"}.get(sign.lower(), sign)  # fmt: skip
            value = self._made(f"({value} {sign} {self._signed()})")
        return value

    def _signed(self) -> str:
        """A minus before a power is the whole power's: -2^2 is -4."""
        if re.match(r"[-−] ?\(", self.rest) and self._taken(r"[-−]"):
            return self._made(f"(-{self._power()})")
        return self._power()

    def _power(self) -> str:
        """From the right, as people write them: 2^3^2 is 2^9."""
        value = self._postfixed()
        if not self._taken(r"\*\*|\^"):
            return value
        self._depth += 1
        if self._depth > 40:
            raise _Unread
        value = self._made(f"({value} ** {self._signed()})")
        self._depth -= 1
        return value

    def _postfixed(self) -> str:
        value = self._unit()
        while True:
            if self._taken(r"squared\b"):
                value = self._made(f"({value} ** 2)")
            elif self._taken(r"cubed\b"):
                value = self._made(f"({value} ** 3)")
            elif self._taken(r"to the power(?: of)?\b"):
                value = self._made(f"({value} ** {self._unit()})")
            elif self._taken(r"as (?:a )?(?:percentage|percent|share|fraction) of\b"):
                value = self._made(f"({value} / {self._unit()} * 100)")
            else:
                return value

    def _unit(self) -> str:
        self._article()
        for read in (
            self._bracket,
            self._share,
            self._percentage,
            self._root,
            self._list,
            self._all_of,
            self._pair,
            self._change,
        ):
            before, made, computed = self.rest, len(self.operands), self.computes
            try:
                found = read()
            except _Unread:
                found = None
            if found is not None:
                return self._made(found) if read != self._bracket else found
            self.rest, self.computes = before, computed
            del self.operands[made:]
        return self._number() or self._operand()

    def _bracket(self) -> str | None:
        if not self._taken(r"\("):
            return None
        value = self.sum()
        if not self._taken(r"\)"):
            raise _Unread
        return f"({value})" if value.startswith(("-", "−")) else value

    def _share(self) -> str | None:
        found = self._taken("|".join(f"{name}(?: of)?\\b" for name in sorted(_SHARES, key=len, reverse=True)))
        if found:
            return f"({_SHARES[found.lower().removesuffix(' of')]} * {self._power()})"
        found = self._taken("|".join(f"{name}\\b" for name in _TIMES))
        return f"({_TIMES[found.lower()]} * {self._power()})" if found else None

    def _percentage(self) -> str | None:
        found = self._taken(rf"{NUMBER} ?(?:%(?! ?[\d(])|percent\b|per cent\b)(?: ?(?:of|off)\b)?")
        if found is None:
            return None
        number = re.match(NUMBER, found)
        assert number is not None
        share = f"({number[0].replace(',', '')} / 100)"
        if found.endswith("of"):
            return f"({share} * {self._power()})"
        if found.endswith("off"):
            return f"((1 - {share}) * {self._power()})"
        return share

    def _root(self) -> str | None:
        if self._taken(r"(?:square )?root of\b|sqrt\b|√"):
            return f"sqrt({self._unit()})"
        return f"({self._unit()} ** 2)" if self._taken(r"square\b") else None

    def _list(self) -> str | None:
        found = self._taken("|".join(f"{name}\\b" for name in sorted(_LISTS, key=len, reverse=True)))
        if found is None:
            return None
        values = [self._listed()]
        while self._taken(r", and\b|,|and\b|to\b" if found.lower() == "add" else r", and\b|,|and\b"):
            values.append(self._listed())
        if len(values) < 2 and not (self.operands and self.operands[-1] == Reference(many=True)):
            raise _Unread  # a list of one thing is none
        return f"{_LISTS[found.lower()]}({', '.join(values)})"

    def _all_of(self) -> str | None:
        """ "multiply them", "the difference between both": all of several results, joined by a sign."""
        for begin, sign, template in _ALL:
            before = self.rest
            if self._taken(rf"(?:{begin})\b") and (match := REFERENCE.match(self.rest)) and match["many"]:
                self.operands.append(Reference(many=True, joined=sign))
                self.rest = self.rest[match.end() :].lstrip()
                return template.format(f"{{{len(self.operands) - 1}}}")
            self.rest = before
        return None

    def _listed(self) -> str:
        self._article()
        return self._number() or self._operand()

    def _pair(self) -> str | None:
        for begin, middle, template in _PAIRS:
            before, made, computed = self.rest, len(self.operands), self.computes
            if self._taken(rf"(?:{begin})\b"):
                try:
                    one = self._power()
                    if self._taken(rf"(?:{middle})\b"):
                        other = self._power()
                        return template.format(one, other)
                except _Unread:
                    pass
            self.rest, self.computes = before, computed
            del self.operands[made:]
        return None

    def _change(self) -> str | None:
        for verbs, sign in _CHANGES:
            if self._taken(rf"(?:{verbs})\b"):
                value = self._unit()
                if not self._taken(r"by\b"):
                    raise _Unread
                share = self._taken(rf"{NUMBER} ?(?:%|percent\b|per cent\b)")
                if share is None:
                    return f"({value} {sign} {self._unit()})"
                return f"({value} * (1 {sign} {share.rstrip('%percnt ')} / 100))"
        return None

    def _round(self) -> str | None:
        """Round what follows, or what came before."""
        if not self._taken(r"round(?: off| up| down)?\b"):
            return None
        value = self.sum()
        return self._made(f"round({value}{self._places()})")

    def _places(self) -> str:
        if found := self._taken(r"to (?:\w+) (?:decimals?|decimal places?|places?|digits?)\b"):
            word = found.split()[1].lower()
            places = word if word.isdigit() else _WORDS.get(word)
            if places is None:
                raise _Unread
            return f", {places}"
        if self._taken(r"to (?:the )?(?:nearest |closest )?(?:whole|full|integer)\b(?: \w+)?"):
            return ""
        if found := self._taken(r"to the (?:nearest|closest) (?:ten|hundred|thousand)\b"):
            return f", -{len(_WORDS[found.split()[-1].lower()]) - 1}"
        return ""

    def _number(self) -> str | None:
        found = self._taken(rf"{NUMBER}{self._alone}(?: (?:thousand|million|billion)\b)?")
        if found:
            number, _, scale = found.replace(",", "").partition(" ")
            zeros = {"": "", "thousand": " * 10**3", "million": " * 10**6", "billion": " * 10**9"}[scale.lower()]
            return f"({number}{zeros})" if zeros else number
        found = self._taken("|".join(f"{name}\\b" for name in sorted(_WORDS, key=len, reverse=True)))
        return _WORDS[found.lower()] if found else None

    def _operand(self) -> str:
        if len(self.operands) >= MOST_OPERANDS:
            raise _Unread
        match = REFERENCE.match(self.rest)
        if match:
            self.operands.append(reference_of(match))
            self.rest = self.rest[match.end() :].lstrip()
            return f"{{{len(self.operands) - 1}}}"
        match = _NOUNS.match(self.rest)
        if match is None:
            raise _Unread
        words = match[0]
        if join := _JOINS.search(words):
            words = words[: join.start()]
        if words.lower() in ("the", "our", "my", "its", "their", "his", "her", "each"):
            raise _Unread
        self.operands.append(words)
        self.rest = self.rest[len(words) :].lstrip()
        return f"{{{len(self.operands) - 1}}}"

    def _article(self) -> None:
        """ "the sum of", "a third of": an article before a word of the grammar."""
        match = _ARTICLE.match(self.rest)
        known = [*_LISTS, *_SHARES, "square root", "root of", "product of", "quotient of", "ratio", "difference"]
        if match and any(
            self.rest[match.end() :].lower().startswith(name) for name in known if " " in name or name == "half"
        ):
            self.rest = self.rest[match.end() :]

    def _made(self, value: str) -> str:
        self.computes = True
        return value

    def _taken(self, pattern: str) -> str | None:
        match = re.match(pattern, self.rest, re.IGNORECASE)
        if match is None:
            return None
        self.rest = self.rest[match.end() :].lstrip()
        return match[0]
