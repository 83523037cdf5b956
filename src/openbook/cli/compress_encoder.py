"""A sentence encoder compressed, and what that costs on a text and on this machine, beside the same model in floats."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from openbook.cli.compress_text import Sources, Unseen
from openbook.cli.compress_wanted import Asked
from openbook.compress.encoder_checkpoint import EncoderCheckpoint, read_checkpoint
from openbook.compress.encoder_folder import write_encoder
from openbook.encode import SentenceEncoder, open_encoder
from openbook.encode.side_by_side import usable_threads
from openbook.errors import OpenbookError
from openbook.evaluate.encoder_fidelity import EncoderFidelity, encoder_fidelity
from openbook.evaluate.rounds import TimesAsFast, times_as_fast
from openbook.tokens.compare import passages

CALIBRATION = 24
"""Passages at most that show which channels have outliers; they are not measured on."""

_EVERY = 5
"""Of so many passages one is for calibration."""

_FEWEST = 4
"""Passages: one to calibrate on and three that can be each other's neighbours."""

_ROUNDS, _SECONDS = 5, 0.5
"""Of the speed, and how long a round of the slower model is to take."""


@dataclass(frozen=True, slots=True)
class EncoderTruth:
    """unseen: the share of the text that the tokenizer does not know. furthest: the text with the lowest cosine.
    fp32, made: texts a second in each round. bytes: of the file in floats. calibrated: on so many other texts.
    """

    fidelity: EncoderFidelity
    unseen: float
    furthest: str
    fp32: tuple[float, ...]
    made: tuple[float, ...]
    speed: TimesAsFast
    bytes: int
    calibrated: int
    threads: int
    where: str


def compress_and_measure(asked: Asked, at: Callable[[int, int], None]) -> tuple[int, EncoderTruth | None]:
    """Bytes of the model's file, and the truth where it is asked for. Raises OpenbookError; then nothing is written."""
    if asked.to == "int4":
        raise OpenbookError("an encoder is made in int8 or fp32, not in int4: its kernels have no 4 bits")
    if asked.block is not None or not asked.int8_activations:
        raise OpenbookError("--block and --float-activations are of language models: drop them for an encoder")
    if asked.smooth:
        raise OpenbookError("an encoder's outliers are always moved into its weights: drop --smooth")
    checkpoint = read_checkpoint(asked.model)
    sources = Sources(asked.texts)
    calibration, texts, unseen = _texts(checkpoint, sources, asked.most_tokens)
    write_encoder(checkpoint, asked.out, asked.to, calibration)
    at(1, 3)
    size = (asked.out / "model.onnx").stat().st_size
    if not asked.measure:
        return size, None
    with TemporaryDirectory(prefix="openbook-fp32-") as scratch:
        write_encoder(checkpoint, Path(scratch), "fp32", ())
        at(2, 3)
        threads = usable_threads(asked.threads)
        fp32, made = (open_encoder(path, threads) for path in (Path(scratch), asked.out))
        started = time.perf_counter()
        vectors = fp32(texts)
        rate = len(texts) / (time.perf_counter() - started)
        said = encoder_fidelity(vectors, made(texts))
        before, after = _speeds(fp32, made, texts[: max(1, round(rate * _SECONDS))])
        bytes_before = (Path(scratch) / "model.onnx").stat().st_size
    speed = times_as_fast(before, after)
    furthest = texts[said.lowest_text]
    truth = EncoderTruth(
        said, unseen, furthest, before, after, speed, bytes_before, len(calibration), threads, sources.where
    )
    return size, truth


def _texts(checkpoint: EncoderCheckpoint, sources: Sources, most: int) -> tuple[list[str], list[str], float]:
    """Passages to calibrate on, others to measure on, and the share that is unknown. Raises OpenbookError for few."""
    unseen, found, tokens = Unseen(checkpoint.tokenizer), dict[str, None](), 0
    for passage in passages(sources.texts()):
        text = passage.text.strip()
        if not text or text in found:  # twins would be each other's nearest
            continue
        found[text] = None
        ids = checkpoint.tokenizer.ids_batch([text])[0]
        unseen.add(text, ids)
        tokens += len(ids)
        if tokens >= most:
            break
    texts = list(found)
    if len(texts) < _FEWEST:
        raise OpenbookError(
            f"{sources.where} holds {len(texts)} different passages, and {_FEWEST} are the fewest: name more text with "
            "--text"
        )
    calibration = texts[::_EVERY][:CALIBRATION]
    seen = set(calibration)
    return calibration, [text for text in texts if text not in seen], unseen.share


def _speeds(
    fp32: SentenceEncoder, made: SentenceEncoder, texts: Sequence[str]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Texts a second in each round, both models in turn."""
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ROUNDS):
        for encoder, found in zip((fp32, made), rates, strict=True):
            started = time.perf_counter()
            encoder(texts)
            found.append(len(texts) / (time.perf_counter() - started))
    return tuple(rates[0]), tuple(rates[1])
