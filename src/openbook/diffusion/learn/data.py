"""The pictures that a recipe names, made alike."""

from openbook.diffusion.learn.digits import digits
from openbook.diffusion.learn.images import images
from openbook.diffusion.learn.pictures import Pictures
from openbook.diffusion.learn.recipe import WORLD, Data
from openbook.diffusion.learn.world import world


def pictures_of(data: Data) -> Pictures:
    """The digits, the world's scenes, or a folder's pictures; without labels where the recipe asks for no condition."""
    if data.source is not None:
        return images(data, data.source)
    if data.pictures == WORLD:
        return world(data.examples, data.seed, tokens=data.tokens if data.condition == "text" else 0, plain=data.plain)
    found = digits()
    return found if data.condition == "class" else Pictures(found.values, found.labels)
