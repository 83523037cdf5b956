"""A tokenizer as GGUF has it: pieces, their types, merges, and the name by which llama.cpp knows how texts are cut.

llama.cpp has the patterns of known models built in, so a file can only name one. What is said here is byte-level BPE
with such a pattern, and vocabularies of single characters, which are byte-level BPE whose merges make up a character.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from openbook.compress.framing import Framing
from openbook.compress.gguf_format import boolean, int32s, string, strings, uint32
from openbook.compress.word_cuts import WHOLE_WORDS_FIRST, cut_of, steps_of
from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.tokens import Tokenizer
from openbook.tokens.byte_table import to_symbols
from openbook.tokens.definition import Definition

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED = 1, 2, 3, 4, 5

_ELSE = "llama.cpp would read other tokens; export with --to hf"


@dataclass(frozen=True, slots=True)
class _Pieces:
    """symbols: a text for each id of the vocabulary, in GPT-2's byte table. cut: llama.cpp's name."""

    symbols: Mapping[int, str]
    merges: Sequence[str]
    cut: str


def tokenizer_settings(tokenizer: Tokenizer, vocabulary: int, framing: Framing) -> dict[str, bytes]:
    """vocabulary: rows of the model's embedding; those without a piece are named and never used.

    Raises OpenbookError for a tokenizer that GGUF cannot say.
    """
    if tokenizer.size > vocabulary:
        raise OpenbookError(
            f"{tokenizer.where} has {tokenizer.size:,} pieces and the model {vocabulary:,}: they do not belong together"
        )
    if len(framing.opening) > 1:
        raise OpenbookError(f"{tokenizer.where} sets several tokens before a text, and GGUF can say one: {_ELSE}")
    definition = tokenizer.definition
    found = _characters(definition) or _byte_level(definition, tokenizer.where)
    pieces, types = _table(tokenizer, definition, found.symbols, vocabulary)
    settings = {
        "tokenizer.ggml.model": string("gpt2"),
        "tokenizer.ggml.pre": string(found.cut),
        "tokenizer.ggml.tokens": strings(pieces),
        "tokenizer.ggml.token_type": int32s(types),
        "tokenizer.ggml.merges": strings(found.merges),
        "tokenizer.ggml.add_bos_token": boolean(bool(framing.opening)),
        "tokenizer.ggml.add_eos_token": boolean(False),
        "tokenizer.ggml.add_space_prefix": boolean(False),
    }
    ends = framing.ends or tuple(_never_written(tokenizer, types))
    named = {"bos": framing.begin, "padding": framing.padding, "unknown": tokenizer.unknown}
    named |= dict(zip(("eos", "eot", "eom"), ends, strict=False))
    settings |= {f"tokenizer.ggml.{name}_token_id": uint32(n) for name, n in named.items() if n is not None}
    if framing.template:
        settings["tokenizer.chat_template"] = string(framing.template)
    return settings


def _never_written(tokenizer: Tokenizer, types: Sequence[int]) -> list[int]:
    """A model that no token ends: llama.cpp would take id 11 for the end, so it is given one that is not written."""
    unused = [number for number, kind in enumerate(types) if kind == UNUSED]
    return unused[:1] or [number for number in (tokenizer.unknown,) if number is not None]


def _table(
    tokenizer: Tokenizer, definition: Definition, symbols: Mapping[int, str], vocabulary: int
) -> tuple[list[str], list[int]]:
    """Every id's text and type. Added tokens stand as they are typed, others in byte symbols."""
    pieces, types = [""] * vocabulary, [UNUSED] * vocabulary
    for number, piece in symbols.items():
        pieces[number], types[number] = piece, NORMAL
    for token in definition["added_tokens"]:
        number, piece = int(token["id"]), str(token["content"])
        pieces[number], types[number] = piece, CONTROL if piece in tokenizer.control else USER_DEFINED
    if tokenizer.unknown is not None and types[tokenizer.unknown] == NORMAL:
        types[tokenizer.unknown] = UNKNOWN
    owners: dict[str, int] = {}
    for number, piece in enumerate(pieces):  # llama.cpp stops the program where two pieces have one text
        if piece and owners.setdefault(piece, number) != number:
            raise OpenbookError(
                f"ids {owners[piece]} and {number} of {tokenizer.where} have the same text {shortened(piece)!r}, which "
                "llama.cpp does not take: export with --to hf"
            )
    for number, piece in enumerate(pieces):
        name = f"[PAD{number}]"
        while name in owners:
            name = f"[{name}]"
        pieces[number] = piece or name
    return pieces, types


def _byte_level(definition: Definition, where: str) -> _Pieces:
    model: Mapping[str, Any] = definition["model"]
    kind = str(model["type"])
    if kind != "BPE" or model.get("byte_fallback") or not _has(definition.get("decoder"), "ByteLevel"):
        what = "SentencePiece's BPE" if kind == "BPE" else kind
        raise OpenbookError(f"{where} is {what}, and GGUF is written for byte-level BPE alone; export with --to hf")
    odd = [name for name in ("continuing_subword_prefix", "end_of_word_suffix", "dropout") if model.get(name)]
    normaliser = cast("Mapping[str, Any]", definition.get("normalizer") or {})
    if odd or normaliser.get("type", "NFC") != "NFC":
        raise OpenbookError(f"{where} has {(odd or ['a normaliser'])[0]}, which GGUF cannot say: {_ELSE}")
    cut = cut_of(definition.get("pre_tokenizer"))
    if cut is None:
        raise OpenbookError(f"{where} cuts texts by a pattern that llama.cpp has no name for: {_ELSE}")
    if bool(model.get("ignore_merges")) != (cut in WHOLE_WORDS_FIRST):
        raise OpenbookError(f"{where} has another ignore_merges than llama.cpp's {cut}: {_ELSE}")
    ids = cast("Mapping[str, int]", model["vocab"])
    merges = [f"{first} {second}" for first, second in model["merges"]]
    return _Pieces({number: piece for piece, number in ids.items()}, merges, cut)


def _characters(definition: Definition) -> _Pieces | None:
    """A vocabulary of single characters, as training by character makes it; None for any other.

    A character of several bytes is merged from the left; no pair of bytes stands across two characters, as the first
    byte of a UTF-8 character is none of another's later ones.
    """
    model: Mapping[str, Any] = definition["model"]
    one_by_one = {"type": "Split", "pattern": {"Regex": r"[\s\S]"}, "behavior": "Isolated", "invert": False}
    if model["type"] != "WordLevel" or definition.get("pre_tokenizer") != one_by_one or definition.get("normalizer"):
        return None
    ids = {piece: int(number) for piece, number in model["vocab"].items()}
    symbols = {number: to_symbols(piece) for piece, number in ids.items() if len(piece) == 1}
    symbols |= {number: piece for piece, number in ids.items() if len(piece) != 1}
    joined = [to_symbols(piece) for piece in ids if len(piece) == 1]
    merges = [f"{each[:place]} {each[place]}" for each in joined for place in range(1, len(each))]
    return _Pieces(symbols, list(dict.fromkeys(merges)), "gpt-2")


def _has(decoder: object, kind: str) -> bool:
    return any(each.get("type") == kind for each in steps_of(decoder))
