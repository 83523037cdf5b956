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

CALIBRATION = 24
"""Windows at most that outliers are looked for in; they are not measured on."""

_EVERY, _FEWEST = 5, 3
"""Of so many windows one is for calibration; and the fewest there may be."""


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
    if asked.smooth and (asked.to == "fp32" or not asked.int8_activations):
        raise OpenbookError("--smooth is for activations that are rounded: drop it, or what keeps them in floats")
    if not asked.measure and asked.texts and not asked.smooth:
        raise OpenbookError("--no-measure leaves nothing to show: drop it, or drop --text")
    sources = Sources(asked.texts)
    with TemporaryDirectory(prefix="openbook-fp32-") as scratch:
        beside = Path(scratch) / "fp32"
        with open_decoder(asked.model) as (config, weights):
            tokenizer = check_tokenizer(asked.model, config.vocabulary)
            calibration, windows, unseen = (), (), 0.0
            if asked.measure or asked.smooth:
                windows, unseen = _windows(tokenizer, sources, asked.most_tokens, min(WINDOW, config.context))
            if asked.smooth:
                calibration, windows = _parted(windows, sources)
            if asked.measure:
                check_size(asked.model, config, "fp32", BLOCK, "there is nothing to compare with, pass --no-measure")
            how = Compression(asked.to, asked.block or BLOCK, asked.int8_activations, calibration)
            write_decoder(asked.model, config, weights, asked.out, how)
            at(1, 3)
            if asked.measure:
                write_decoder(asked.model, config, weights, beside, Compression("fp32"))
                at(2, 3)
        size = open_decoder_folder(asked.out).model.stat().st_size
        return size, _measured(beside, asked, windows, unseen, sources.where) if asked.measure else None


def _measured(beside: Path, asked: Asked, windows: Sequence[Ids], unseen: float, where: str) -> Truth:
    """beside: the folder of the same model in floats."""
    threads = usable_threads(asked.threads)
    fp32, made = (OnnxSession(open_decoder_folder(path), threads) for path in (beside, asked.out))
    said = fidelity(fp32.logits, made.logits, windows)
    timed = speeds({"fp32": fp32, "made": made})
    before, after = timed["fp32"], timed["made"]
    return Truth(
        said,
        unseen,
        before,
        after,
        times_as_fast(before.prompts, after.prompts),
        times_as_fast(before.ones, after.ones),
        times_as_fast(before.eights, after.eights),
        bandwidth(threads),
        threads,
        where,
    )


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


def _parted(windows: Sequence[Ids], sources: Sources) -> tuple[Sequence[Ids], Sequence[Ids]]:
    """Some windows to find outliers in, and the others to measure on. Raises OpenbookError for too few."""
    if len(windows) < _FEWEST:
        raise OpenbookError(f"{sources.where} is too short to find outliers in and to measure on: add more with --text")
    calibration = range(0, len(windows), _EVERY)[:CALIBRATION]
    return [windows[n] for n in calibration], [each for n, each in enumerate(windows) if n not in calibration]
