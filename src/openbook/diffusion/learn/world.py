"""The pictures' world as pictures to learn from: scenes drawn at random, rendered, and told in one of many ways.

Only combinations that training may show are among them; what is kept apart by ``world/splits.py`` stays so.
"""

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.learn.pictures import Pictures
from openbook.diffusion.learn.recipe import WORLD_SIZE as SIZE
from openbook.diffusion.texts import encoded
from openbook.diffusion.world.captions import phrased, plainly
from openbook.diffusion.world.render import drawn
from openbook.diffusion.world.splits import drawn_scene
from openbook.encode.token_states import open_token_encoder

_SCENES, _WORDS = 1, 2  # what a generator is for, last in its seed


def world(examples: int, seed: int, *, tokens: int, plain: float = 0.0) -> Pictures:
    """(examples, 3, 32, 32), each with its caption as the encoder's vectors; tokens: of a caption at most, 0 for none.
    plain: the share that is told in the plainest words.

    The n-th is the same however many there are. Raises DiffusionProblem for a caption of more tokens.
    """
    values = np.empty((examples, 3, SIZE, SIZE), np.uint8)
    captions: list[str] = []
    for number in range(examples):
        rng = np.random.default_rng([seed, number, _SCENES])
        scene = drawn_scene("training", rng)
        told = phrased(scene, rng)
        captions.append(plainly(scene) if np.random.default_rng([seed, number, _WORDS]).random() < plain else told)
        values[number] = _bytes(drawn(scene, rng))
    if not tokens:
        return Pictures(values, np.zeros(examples, np.int64))
    names = tuple(sorted(set(captions)))
    places = {name: place for place, name in enumerate(names)}
    labels = np.array([places[caption] for caption in captions], np.int64)
    return Pictures(values, labels, names, encoded(names, tokens, open_token_encoder()))


def _bytes(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint((np.clip(picture, -1, 1) + 1) * 127.5).astype(np.uint8)
