"""The pictures that a recipe names, made alike."""

from openbook.diffusion.learn.digits import digits
from openbook.diffusion.learn.images import images
from openbook.diffusion.learn.pictures import Pictures
from openbook.diffusion.learn.recipe import Data


def pictures_of(data: Data) -> Pictures:
    """The digits, or a folder's pictures; without their classes where the recipe asks for no condition."""
    if data.source is not None:
        return images(data, data.source)
    found = digits()
    return found if data.condition == "class" else Pictures(found.values, found.labels)
