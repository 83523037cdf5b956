"""The shapes of the two networks, as a recipe writes them; what does not fit is said before torch is loaded."""

from dataclasses import dataclass

from openbook.diffusion.problems import DiffusionProblem

GROUPS = 8
"""Of a group norm's channels."""

_MOST_WIDTH = 4096


@dataclass(frozen=True, slots=True)
class UnetShape:
    """width: channels at full size; multipliers: of it, a size each, halved from one to the next. blocks: residual
    blocks a size, one more on the way up. attention: sizes, in pixels a side, whose blocks attend.
    """

    width: int = 32
    multipliers: tuple[int, ...] = (1, 2, 2)
    blocks: int = 1
    attention: tuple[int, ...] = (8,)
    heads: int = 4
    dropout: float = 0.0

    def check(self, size: int) -> None:
        """Raises DiffusionProblem unless a picture of ``size`` by ``size`` can be drawn with it."""
        _in_range("unet.width", self.width, 1, _MOST_WIDTH)
        _in_range("the number of unet.multipliers", len(self.multipliers), 1, 8)
        _in_range("the least of unet.multipliers", min(self.multipliers), 1, 64)
        _in_range("unet.blocks", self.blocks, 1, 16)
        _in_range("unet.dropout", self.dropout, 0, 0.99)
        parts = 2 ** (len(self.multipliers) - 1)
        _multiple("data.size", size, f"{parts}, to be halved for each of unet.multipliers but the first", parts)
        _multiple("unet.width", self.width, f"the {GROUPS} groups of a norm", GROUPS)
        _heads("unet", self.width, self.heads)
        sizes = [size >> halvings for halvings in range(len(self.multipliers))]
        if unknown := [wanted for wanted in self.attention if wanted not in sizes]:
            raise DiffusionProblem(f"unet.attention names the size {unknown[0]}, and the network's are {sizes}")


@dataclass(frozen=True, slots=True)
class DitShape:
    """width: of a patch's vector; patch: pixels a side; layers: blocks. text_layers: over the tokens of what is told,
    where that is a text.
    """

    width: int = 128
    layers: int = 6
    heads: int = 4
    patch: int = 2
    text_layers: int = 0

    def check(self, size: int) -> None:
        """Raises DiffusionProblem unless a picture of ``size`` by ``size`` can be drawn with it."""
        _in_range("dit.width", self.width, 1, _MOST_WIDTH)
        _in_range("dit.layers", self.layers, 1, 256)
        _in_range("dit.patch", self.patch, 1, size)
        _in_range("dit.text_layers", self.text_layers, 0, 16)
        _multiple("data.size", size, f"dit.patch, {self.patch}", self.patch)
        _multiple("dit.width", self.width, "4, for sines and cosines of rows and columns", 4)
        _heads("dit", self.width, self.heads)


def _in_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise DiffusionProblem(f"{name} is {value}, and must lie in {low} to {high}")


def _multiple(name: str, value: int, of: str, number: int) -> None:
    if value % number:
        raise DiffusionProblem(f"{name} is {value}, and must be a multiple of {of}")


def _heads(table: str, width: int, heads: int) -> None:
    _in_range(f"{table}.heads", heads, 1, width)
    _multiple(f"{table}.width", width, f"{table}.heads, {heads}", heads)
