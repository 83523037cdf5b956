"""A language model compressed, and what that costs on a text and on this machine, beside the same model in floats."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from openbook.cli.compress_text import Sources, Unseen
from openbook.cli.compress_wanted import BLOCK, Asked
from openbook.compress.checkpoint_tokenizer import check_tokenizer
from openbook.compress.checkpoint_weights import open_decoder
from openbook.compress.decoder_folder import Compression, check_size, write_decoder
from openbook.encode.side_by_side import usable_threads
from openbook.errors import OpenbookError
from openbook.evaluate.fidelity import Fidelity, Ids, fidelity
from openbook.evaluate.rounds import TimesAsFast, times_as_fast
from openbook.generate.onnx_folder import open_decoder_folder
from openbook.generate.onnx_session import OnnxSession
from openbook.generate.onnx_speed import Speed, bandwidth, speeds
from openbook.tokens import Tokenizer

WINDOW = 256
"""Tokens that are read together for perplexity, or the model's context where that is less."""


@dataclass(frozen=True, slots=True)
class Truth:
    """unseen: the share of the text that the tokenizer does not know. fp32, made: speeds and sizes of the files.
    prompt, one, eight: times as fast. bandwidth: bytes a second that memory was read with.
    """

    fidelity: Fidelity
    unseen: float
    fp32: Speed
    made: Speed
    prompt: TimesAsFast
    one: TimesAsFast
    eight: TimesAsFast
    bandwidth: float
    threads: int
    where: str


def compress_and_measure(asked: Asked, at: Callable[[int, int], None]) -> tuple[int, Truth | None]:
    """Bytes of the model's file, and the truth where it is asked for. Raises OpenbookError; then nothing is written."""
    how = Compression(asked.to, asked.block or BLOCK, asked.int8_activations)
    if not asked.measure:
        if asked.texts:
            raise OpenbookError("--no-measure leaves nothing to show: drop it, or drop --text")
        with open_decoder(asked.model) as (config, weights):
            write_decoder(asked.model, config, weights, asked.out, how)
        return open_decoder_folder(asked.out).model.stat().st_size, None
    sources = Sources(asked.texts)
    with TemporaryDirectory(prefix="openbook-fp32-") as scratch:
        beside = Path(scratch) / "fp32"
        with open_decoder(asked.model) as (config, weights):
            tokenizer = check_tokenizer(asked.model, config.vocabulary)
            check_size(asked.model, weights, "fp32", BLOCK, "there is nothing to compare with, pass --no-measure")
            windows, unseen = _windows(tokenizer, sources, asked.most_tokens, min(WINDOW, config.context))
            write_decoder(asked.model, config, weights, asked.out, how)
            at(1, 3)
            write_decoder(asked.model, config, weights, beside, Compression("fp32"))
            at(2, 3)
        threads = usable_threads(asked.threads)
        fp32, made = (OnnxSession(open_decoder_folder(path), threads) for path in (beside, asked.out))
        said = fidelity(fp32.logits, made.logits, windows)
        timed = speeds({"fp32": fp32, "made": made})
        before, after = timed["fp32"], timed["made"]
        truth = Truth(
            said,
            unseen,
            before,
            after,
            times_as_fast(before.prompts, after.prompts),
            times_as_fast(before.ones, after.ones),
            times_as_fast(before.eights, after.eights),
            bandwidth(threads),
            threads,
            sources.where,
        )
        return after.weights, truth


def _windows(tokenizer: Tokenizer, sources: Sources, most: int, length: int) -> tuple[Sequence[Ids], float]:
    """The texts' tokens, cut into windows, and the share that is unknown. Raises OpenbookError for too few."""
    unseen, ids = Unseen(tokenizer), list[int]()
    for text in sources.texts():
        found = tokenizer.ids_batch([text.text])[0]
        unseen.add(text.text, found)
        ids += found
        if len(ids) >= most:
            break
    kept = np.array(ids[:most], dtype=np.int64)
    windows = [kept[start : start + length] for start in range(0, len(kept), length)]
    windows = [window for window in windows if len(window) > 1]
    if not windows:
        raise OpenbookError(f"{sources.where} holds no text to compare on: name another with --text")
    return windows, unseen.share
