"""A compressed denoiser at work: onnxruntime and numpy, nothing else."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.denoise import Denoise, check_guidance
from openbook.diffusion.denoiser_folder import DenoiserFolder, Edge, open_denoiser_folder
from openbook.diffusion.given import Given, given_of
from openbook.diffusion.level import Array, Level
from openbook.diffusion.prediction import to_data
from openbook.diffusion.problems import DiffusionProblem
from openbook.encode.session import load
from openbook.encode.token_states import TokenEncoder, open_token_encoder


class OnnxDenoiser:
    """Made by ``opened``. Safe to share between threads."""

    def __init__(self, folder: DenoiserFolder, threads: int) -> None:
        self.folder = folder
        self._session = load(folder.model, threads=threads)
        session = self._session
        inputs, outputs = (
            {each.name: each.shape for each in side()} for side in (session.get_inputs, session.get_outputs)
        )
        if inputs != _inputs(folder.said) or outputs != {"prediction": ["batch", *folder.said.shape]}:
            raise DiffusionProblem(
                f"{folder.model} is not the network that its manifest tells of: make it again with openbook compress"
            )

    def given(self, caption: str) -> Given | None:
        """What ``told`` takes, of a class by its name or of a text. Raises DiffusionProblem as ``given_of`` does."""
        return given_of(self.folder, caption, lambda: self._encoder)

    @cached_property
    def _encoder(self) -> TokenEncoder:
        """Opened at the first text, and kept."""
        return open_token_encoder()

    def told(self, given: Given | None = None, guidance: float = 1.0) -> Denoise:
        """The denoiser as the samplers call it. given: one for each x of a batch, or one for all.

        guidance: 1 the condition as learnt, 0 without it; else both, asked in one batch, are mixed (Ho and Salimans
        2022, eq. 6). Raises DiffusionProblem as ``check_guidance`` does, for a guidance where there is nothing to be
        guided by, and for a ``given`` that the network does not know.
        """
        check_guidance(guidance)
        if not self.folder.said.told and (given is not None or guidance != 1):
            raise DiffusionProblem("this denoiser was trained without a condition: give none, and leave guidance at 1")
        if given is not None:
            self._check(given)
        both = given is not None and guidance not in (0, 1)
        with_it, without = given is not None and guidance != 0, given is None or guidance != 1
        asked = (True,) * with_it + (False,) * without

        def denoise(x: Array, level: Level) -> Array:
            found = self._predictions(x, level, given, asked)
            prediction = found[1] + guidance * (found[0] - found[1]) if both else found[0]
            return to_data(prediction.astype(x.dtype), x, level, self.folder.said.prediction)

        return denoise

    def _predictions(self, x: Array, level: Level, given: Given | None, asked: tuple[bool, ...]) -> NDArray[np.float32]:
        """One for each way of ``asked``, with the condition and without: (ways, batch, channels, size, size)."""
        batch = len(x)
        if x.shape[1:] != self.folder.said.shape or not batch:
            raise DiffusionProblem(
                f"an x of shape {x.shape} is not of this denoiser, whose pictures are {self.folder.said.shape}"
            )
        scaled = np.float32(1 / level.spread) * x.astype(np.float32)
        rows = batch * len(asked)
        fed: dict[str, Any] = {
            "x": np.tile(scaled, (len(asked), 1, 1, 1)),
            "time": np.full(rows, level.time, np.float32),
        }
        if self.folder.said.told:
            fed["kept"] = np.repeat(np.array(asked), batch)
            what = self._nothing() if given is None else given
            if len(what) not in (1, batch):
                raise DiffusionProblem(
                    f"{batch} pictures are told {len(what)} things: give one for each, or one for all"
                )
            each = np.broadcast_to(what, (batch, *what.shape[1:]))
            fed["given"] = np.ascontiguousarray(np.concatenate([each] * len(asked)))
        (found,) = self._session.run(["prediction"], fed)
        return found.reshape(len(asked), *x.shape)

    def _nothing(self) -> Given:
        if self.folder.said.classes:
            return np.zeros(1, np.int64)
        return np.zeros((1, self.folder.said.tokens, self.folder.said.text_width), np.float32)

    def _check(self, given: Given) -> None:
        wanted = self._nothing()
        if given.dtype != wanted.dtype or given.shape[1:] != wanted.shape[1:]:
            raise DiffusionProblem(
                f"this denoiser is told {wanted.dtype} of {wanted.shape[1:]} a picture, not {given.dtype} of "
                f"{given.shape[1:]}"
            )
        most = len(self.folder.said.classes) - 1
        if self.folder.said.classes and given.size and not 0 <= given.min() <= given.max() <= most:
            raise DiffusionProblem(f"class numbers {given.min()} to {given.max()}: take 0 to {most}")


def opened(folder: Path, threads: int = 1) -> OnnxDenoiser:
    """The denoiser in a folder. threads: inside a run. Raises OpenbookError where it cannot be used."""
    return OnnxDenoiser(open_denoiser_folder(folder), threads)


def _inputs(said: Edge) -> dict[str, list[int | str]]:
    """What ``dit_graph`` makes for a network of this kind."""
    inputs: dict[str, list[int | str]] = {"x": ["batch", *said.shape], "time": ["batch"]}
    if said.told:
        inputs |= {"kept": ["batch"], "given": ["batch"] if said.classes else ["batch", said.tokens, said.text_width]}
    return inputs
