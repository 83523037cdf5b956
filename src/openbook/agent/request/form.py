"""The form of a part of a request: a question or an order, what it is politely wrapped in, and how it begins."""

import re

_ASKS = r"(?:what|which|who|whose|whom|when|where|why|how)"
_HELPS = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|must|might)"
QUESTION = re.compile(
    rf"(?:{_ASKS}\b|{_ASKS}['’]s\b|(?:(?:in|on|at|by|for|from|to|of|with|since|until) )(?:what|which|whom|whose)\b)",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(rf"{_HELPS}(?:n['’]t)? (?!not\b)\S", re.IGNORECASE)
_WRAPPED = re.compile(
    r"(?:please|kindly|now|next|then|and|also|finally|first|firstly|secondly|lastly|after that|afterwards|okay|ok|so"
    r"|hi|hello"
    r"|(?:can|could|would|will) you(?: please| kindly)?|i (?:want|need|would like|['’]d like) you to|i['’]d like you to"
    r"|i (?:want|need|would like) to|i['’]d like to|let['’]?s|let us|help me(?: to)?)\b[, ]*",
    re.IGNORECASE,
)
_EMBEDDED = re.compile(rf"\b(?:{_ASKS}|whether)\b", re.IGNORECASE)
_NOUN_BEGINS = re.compile(
    r"\b(?:the|a|an|some|any|every|each|all|my|our|your|their|its|his|her|this|that|these|those|everything|something|anything|it|them|me)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|never|no longer|without|cannot|instead of|rather than)\b|n['’]t\b", re.IGNORECASE)
_DEPENDS = re.compile(
    r"\b(?:if|unless|whenever|provided|in case|as long as|except|otherwise|depending|once|as soon as"
    r"|assuming|suppose|supposing|given that|so long as|in the event|should (?:the|it|there|that|he|she|they)"
    r"|when(?!\s+(?:is|are|was|were|do|does|did|has|have|will)))\b",
    re.IGNORECASE,
)


def unwrapped(text: str) -> str:
    """Without "please", "then", "could you" before it."""
    text = text.strip(" ,;")
    while match := _WRAPPED.match(text):
        if match.end() == len(text):
            break
        text = text[match.end() :].strip(" ,;")
    return text


def is_question(text: str) -> bool:
    """Of a text that is unwrapped: whether it asks, rather than to order something done."""
    return bool(QUESTION.match(text) or _YES_OR_NO.match(text))


def leaves_open(text: str) -> bool:
    """Of a text that is unwrapped: whether it asks for a yes or no, on which what follows may depend."""
    return bool(_YES_OR_NO.match(text))


def is_negated(text: str) -> bool:
    return bool(_NOT.search(text))


def is_forbidden(text: str) -> bool:
    """Of a text that is unwrapped: whether it is an order not to do something."""
    return bool(re.match(r"(?:do not|don['’]t|never|you must not|no need to)\b", text, re.IGNORECASE))


def depends(text: str) -> bool:
    """Whether it is to be done only in some case, which a plan made beforehand cannot know."""
    return bool(_DEPENDS.search(text))


def gist(text: str) -> str:
    """How an order begins, without what it is about: "look up the monthly rent" to "look up something"; of an order to
    find out, what is asked."""
    embedded = _within(text)
    if embedded is not None:
        return embedded
    match = _NOUN_BEGINS.search(text)
    if match is None or text[: match.start()].count(" ") > 4 or not text[: match.start()].strip():
        return text
    return f"{text[: match.start()].strip()} something"


def asked(text: str) -> str:
    """What an order to find out asks: "tell me when it ends" to "when it ends", "look up the rent" to "what is the
    rent"; else the text as it is."""
    if is_question(text):
        return text
    embedded = _within(text)
    if embedded is not None:
        return embedded
    match = _NOUN_BEGINS.search(text)
    if match is not None and match.start() > 0 and text[: match.start()].count(" ") <= 4:
        after = match.end() + 1 if match[0].lower() == "me" else match.start()
        return f"what is {text[after:]}"
    return text


def _within(text: str) -> str | None:
    """The question that an order to find out has in it."""
    match = _EMBEDDED.search(text)
    if is_question(text) or match is None or text[: match.start()].count(" ") > 6:
        return None
    before = text[: match.start()]
    noun = _NOUN_BEGINS.search(before)
    if noun is not None and noun[0].lower() not in ("me", "them", "it") and not before.rstrip().endswith(","):
        return None  # "the places where" describes the places and asks nothing
    return text[match.start() :]
