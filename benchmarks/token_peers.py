"""The libraries' own tokenizers and trainers, on GPT-2's and BERT's vocabularies: the peers of the token benchmarks."""

import json
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import data_file
from openbook.tokens import Tokenizer, load
from openbook.tokens.byte_table import BYTE_OF
from openbook.tokens.wordpiece import SPECIAL

GPT2, BERT = "gpt2", "bert-base-uncased"
FILES = [f"tokenizers/{GPT2}/vocab.json", f"tokenizers/{GPT2}/merges.txt", f"tokenizers/{BERT}/vocab.txt"]
END = "<|endoftext|>"
TIKTOKEN_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"""
"""GPT-2's, as tiktoken writes it: possessive, and with the contractions gathered."""


@cache
def ours(name: str) -> Tokenizer:
    return load(folder(name))


def folder(name: str) -> Path:
    return data_file(f"tokenizers/{name}/{'vocab.json' if name == GPT2 else 'vocab.txt'}").parent


def library(name: str) -> Any:
    """The ``tokenizers`` library alone, put together from its parts."""
    from tokenizers import Tokenizer as Library
    from tokenizers import models, normalizers, pre_tokenizers

    if name == GPT2:
        made: Any = Library(models.BPE.from_file(str(folder(name) / "vocab.json"), str(folder(name) / "merges.txt")))
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        return made
    made = Library(models.WordPiece.from_file(str(folder(name) / "vocab.txt"), unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def transformers(name: str) -> Any:
    from transformers import BertTokenizer, GPT2Tokenizer

    if name == GPT2:
        return GPT2Tokenizer(vocab=str(folder(name) / "vocab.json"), merges=str(folder(name) / "merges.txt"))
    return BertTokenizer(vocab=str(folder(name) / "vocab.txt"))


def transformers_in_python(name: str) -> Any:
    """BERT's tokenizer as it was written first, without the library that all others stand on."""
    from transformers.models.bert.tokenization_bert_legacy import BertTokenizerLegacy

    return BertTokenizerLegacy(str(folder(name) / "vocab.txt"))


def tiktoken() -> Any:
    """tiktoken's Encoding of the same GPT-2 files: each piece's bytes and rank."""
    from tiktoken import Encoding

    tokenizer = ours(GPT2)
    vocab = tokenizer.definition["model"]["vocab"]
    ranks = {bytes(BYTE_OF[s] for s in piece): rank for piece, rank in vocab.items() if piece not in tokenizer.control}
    special = {token: tokenizer.id_of(token) for token in tokenizer.control}
    return Encoding("gpt2-from-files", pat_str=TIKTOKEN_PATTERN, mergeable_ranks=ranks, special_tokens=special)


def library_bpe(texts: Sequence[str], size: int) -> list[str]:
    """The pieces that the library's BPE trainer learns by itself, in order of id."""
    from tokenizers import Tokenizer as Library
    from tokenizers import models, pre_tokenizers, trainers

    made: Any = Library(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer: Any = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=2,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(texts, trainer)
    return listed(made.get_vocab())


def library_wordpiece(texts: Sequence[str], size: int) -> list[str]:
    """The pieces that the library's WordPiece trainer learns by itself, in order of id."""
    from tokenizers import Tokenizer as Library
    from tokenizers import models, normalizers, pre_tokenizers, trainers

    made: Any = Library(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer: Any = trainers.WordPieceTrainer(
        vocab_size=size, min_frequency=2, special_tokens=list(SPECIAL), show_progress=False
    )
    made.train_from_iterator(texts, trainer)
    return listed(made.get_vocab())


def in_a_process(expression: str, texts: Sequence[str]) -> list[str]:
    """What an expression of ``texts`` and this module (``peers``) makes in a fresh process."""
    lines = ("import json, sys", "from benchmarks import token_peers as peers", "texts = json.load(sys.stdin)")
    script = "\n".join((*lines, f"print(json.dumps({expression}))"))
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def listed(vocab: Tokenizer | dict[str, int]) -> list[str]:
    """Pieces in order of id."""
    ids = vocab.definition["model"]["vocab"] if isinstance(vocab, Tokenizer) else vocab
    return sorted(ids, key=ids.__getitem__)


def random_texts(count: int) -> list[str]:
    """Strings of up to 40 characters: any assigned one, and those that tokenizers trip over more often than others."""
    rng = np.random.default_rng(0)
    assigned = [chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")]
    often = [*"abcABC123 \n\t'.,-", *"\0\u0301\u200d\U0001f468\u202e\u0645\xa0\u3000\u4eca"]
    texts: list[str] = []
    for size in rng.integers(0, 40, count):
        rare = rng.random(size) < 0.4
        texts.append(
            "".join(assigned[rng.integers(len(assigned))] if r else often[rng.integers(len(often))] for r in rare)
        )
    return texts


def versions() -> dict[str, str]:
    found = {name: metadata.version(name) for name in ("transformers", "tiktoken")}
    return {**found, "unicode": unicodedata.unidata_version}
