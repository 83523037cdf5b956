"""A tokenizer.json as a checked value: what may be loaded at all, and how ours are written.

A file may come from anywhere, and the library behind the fast path stops the program at some bad ones: everything that
is relied on is looked at here first.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from openbook.tokens.problems import TokenProblem

LARGEST_ID = 10_000_000
"""The largest vocabularies in use have a few hundred thousand pieces; an id is also a row of somebody's matrix."""

Definition = dict[str, Any]
"""The parsed file. ``model`` holds type, vocab and merges; ``added_tokens`` what is matched in a text first."""


def parse_json(text: str, where: str) -> object:
    """What a file's text states, no name in it twice. Raises TokenProblem if it is no JSON."""
    try:
        found: object = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
        json.dumps(found, ensure_ascii=False).encode("utf-8")  # an escape may hide what is no character
    except RecursionError:
        raise TokenProblem(f"{where} is not a tokenizer file: it is nested too deeply") from None
    except ValueError as error:
        raise TokenProblem(f"{where} is not a tokenizer file: {str(error)[:120]}") from None
    return found


def check(found: object, where: str) -> Definition:
    """A new value with ``model.type``, ``model.merges`` as pairs, and ``added_tokens`` filled in; TokenProblem if none.

    Truncation and padding are dropped: how much of a text a model reads, and how rows are filled, is a choice of use.
    """
    model: object = cast("Definition", found).get("model") if isinstance(found, dict) else None
    if not isinstance(model, dict) or "vocab" not in model:
        raise TokenProblem(f"{where} is JSON but no tokenizer.json: it has no model with a vocab")
    parts: dict[str, Any] = dict(cast("dict[str, Any]", model))
    parts.setdefault("type", _kind(parts))
    ids = vocabulary(parts, where)
    if not ids:
        raise TokenProblem(f"the vocabulary of {where} is empty: train one with `openbook tokens train`")
    unknown = parts.get("unk_token")
    if parts["type"] in ("WordPiece", "WordLevel") and (not isinstance(unknown, str) or unknown not in ids):
        raise TokenProblem(f"{where} has no piece {unknown!r} for unknown words: add it to the vocabulary")
    for name in ("unk_token", "continuing_subword_prefix", "end_of_word_suffix"):
        if not isinstance(parts.get(name), str | None):
            raise TokenProblem(f"the {name} of {where} is no text: mend it")
    if parts["type"] == "BPE":
        parts["merges"] = _pairs(parts.get("merges"), where)
    added: object = cast("Definition", found).get("added_tokens") or []
    if not isinstance(added, list) or not all(_is_added(token) for token in cast("list[object]", added)):
        raise TokenProblem(f"the added_tokens of {where} are not a list of tokens with id and content: mend them")
    kept: Definition = {**cast("Definition", found), "truncation": None, "padding": None}
    return {**kept, "added_tokens": cast("list[object]", added), "model": parts}


def vocabulary(model: Mapping[str, Any], where: str) -> dict[str, int]:
    """The model's pieces and their ids. Raises TokenProblem where an id is no number, out of bounds or used twice."""
    vocab: object = model["vocab"]
    if isinstance(vocab, list):  # Unigram: [piece, score] in order of id
        rows = cast("list[object]", vocab)
        if not all(isinstance(row, list) and cast("list[object]", row)[:1] and isinstance(row[0], str) for row in rows):
            raise TokenProblem(f"the vocabulary of {where} is not a list of pieces and scores: use another file")
        return {cast("list[str]", row)[0]: place for place, row in enumerate(rows)}
    if not isinstance(vocab, dict):
        raise TokenProblem(f"the vocabulary of {where} is neither an object nor a list: use another file")
    ids = cast("dict[str, int]", vocab)
    owners: dict[int, str] = {}
    for piece, number in ids.items():
        if type(number) is not int or not 0 <= number <= LARGEST_ID:
            raise TokenProblem(f"piece {piece!r} of {where} has the id {number!r}: an id is a number from 0 up")
        if number in owners:
            raise TokenProblem(f"pieces {owners[number]!r} and {piece!r} of {where} have the same id {number}")
        owners[number] = piece
    return ids


def byte_level_bpe(ids: Mapping[str, int], merges: Sequence[Sequence[str]], special: Sequence[str]) -> Definition:
    """A tokenizer.json as GPT-2's: no normaliser, its pattern of words, bytes, merges."""
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True}
    model = {
        "type": "BPE",
        **dict.fromkeys(("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")),
        **dict.fromkeys(("fuse_unk", "byte_fallback", "ignore_merges"), False),
        "vocab": dict(ids),
        "merges": [list(pair) for pair in merges],
    }
    return _definition(ids, special, None, byte_level, None, byte_level, model)


def wordpiece(ids: Mapping[str, int], special: Sequence[str], *, unknown: str, lowercase: bool) -> Definition:
    """A tokenizer.json as BERT's; with [CLS] and [SEP] in the vocabulary, also how they frame a text and a pair."""
    normaliser = {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": lowercase,
    }
    model = {
        "type": "WordPiece",
        "unk_token": unknown,
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": dict(ids),
    }
    decoder = {"type": "WordPiece", "prefix": "##", "cleanup": True}
    return _definition(ids, special, normaliser, {"type": "BertPreTokenizer"}, _frame(ids), decoder, model)


def _definition(ids: Mapping[str, int], special: Sequence[str], *parts: object) -> Definition:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    added = [{"id": ids[token], "content": token, **flags, "special": True} for token in special]
    names = ("normalizer", "pre_tokenizer", "post_processor", "decoder", "model")
    start = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": sorted(added, key=lambda t: t["id"]),
    }
    return {**start, **dict(zip(names, parts, strict=True))}


def _frame(ids: Mapping[str, int]) -> Definition | None:
    if not {"[CLS]", "[SEP]"} <= ids.keys():
        return None

    def token(name: str, kind: int) -> Definition:
        return {"SpecialToken": {"id": name, "type_id": kind}}

    def text(name: str, kind: int) -> Definition:
        return {"Sequence": {"id": name, "type_id": kind}}

    single = [token("[CLS]", 0), text("A", 0), token("[SEP]", 0)]
    marks = {name: {"id": name, "ids": [ids[name]], "tokens": [name]} for name in ("[CLS]", "[SEP]")}
    pair = [*single, text("B", 1), token("[SEP]", 1)]
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": marks}


def _kind(model: Mapping[str, Any]) -> str:
    if "merges" in model:
        return "BPE"
    if isinstance(model["vocab"], list):
        return "Unigram"
    return "WordPiece" if "max_input_chars_per_word" in model else "WordLevel"


def _pairs(merges: object, where: str) -> list[list[str]]:
    """The merges in order, which older files write as one text each."""
    rows: list[object] = cast("list[object]", merges) if isinstance(merges, list) else [merges]
    pairs = [row.split(" ", 1) if isinstance(row, str) else row for row in rows]
    for pair in pairs:
        parts = cast("list[object]", pair) if isinstance(pair, list) else []
        if len(parts) != 2 or not all(isinstance(part, str) for part in parts):
            raise TokenProblem(f"the merges of {where} are not a list of pairs: use another file")
    return cast("list[list[str]]", pairs)


def _is_added(token: object) -> bool:
    if not isinstance(token, dict):
        return False
    fields = cast("dict[str, object]", token)
    return isinstance(fields.get("content"), str) and bool(fields["content"]) and type(fields.get("id")) is int


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise ValueError(f"{twice!r} stands in it twice")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")
