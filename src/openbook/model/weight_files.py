"""The safetensors files of a folder: which tensors they hold, of what shape, and their content when asked for.

Never a pickle: ``pytorch_model.bin`` can run any code as it is opened, so it is named and left alone.
"""

import json
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from openbook.errors import MissingExtra
from openbook.model.config import BadCheckpoint
from openbook.model.families.fields import read_fields

WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
_PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json", "model.pt", "model.pth")
_FLOATS = ("F64", "F32", "F16", "BF16")
_AGAIN = "copy or download it again"


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A tensor that has not been read yet. shape: as stored. kind: safetensors' name of its number format."""

    name: str
    shape: tuple[int, ...]
    kind: str
    path: Path
    _file: Any

    def check_floats(self) -> None:
        """Raises BadCheckpoint for whole numbers: the weights are quantised, in a way that only their maker knows."""
        if self.kind not in _FLOATS:
            raise BadCheckpoint(
                f"{self.name} in {self.path} holds {self.kind}, not floats: get the unquantised weights"
            )

    def read(self) -> Any:
        """The content, a tensor or an array as the file was opened; numpy has no BF16, see ``numpy_weights``."""
        with _readable(self.path):
            return self._file.get_tensor(self.name)


@contextmanager
def open_weights(folder: Path, framework: Literal["pt", "np"] = "pt") -> Generator[Mapping[str, StoredTensor]]:
    """All tensors by name, from model.safetensors or from the files that its index names; headers are read, no more.

    framework: what ``read`` gives, torch's tensors or numpy's arrays.

    Raises BadCheckpoint where there are none, or one is cut short, damaged or stored twice.
    """
    try:
        from safetensors import safe_open
    except ImportError:
        raise MissingExtra("reading a checkpoint", "train") from None
    with ExitStack() as opened:
        tensors: dict[str, StoredTensor] = {}
        for path in _paths(folder):
            with _readable(path):
                file: Any = opened.enter_context(cast("Any", safe_open(str(path), framework=framework)))
                for name in file.keys():  # noqa: SIM118  # not a mapping
                    if name in tensors:
                        raise BadCheckpoint(f"{name} is stored both in {tensors[name].path} and in {path}: remove one")
                    part = file.get_slice(name)
                    tensors[name] = StoredTensor(name, tuple(part.get_shape()), part.get_dtype(), path, file)
        yield tensors


def shards(folder: Path) -> list[str]:
    """The file names in the folder's index, sorted; each is a plain name, and lies in the folder itself."""
    index = read_fields(folder / INDEX)
    named: object = index.values.get("weight_map")
    if not isinstance(named, dict) or not named:
        raise BadCheckpoint(f"{index.where} has no weight_map: {_AGAIN}")
    names = {str(name) for name in cast("dict[str, object]", named).values()}
    for name in sorted(names):
        if Path(name).name != name or "\\" in name or not name.endswith(".safetensors"):
            shown = json.dumps(name[:80])
            raise BadCheckpoint(
                f"{index.where} names {shown}, which is no safetensors file of that folder: do not use it"
            )
    return sorted(names)


def _paths(folder: Path) -> list[Path]:
    if (folder / WHOLE).exists():
        return [_regular(folder / WHOLE)]
    if (folder / INDEX).exists():
        return [_within(folder, _regular(folder / name)) for name in shards(folder)]
    pickle = next((name for name in _PICKLES if (folder / name).exists()), None)
    if pickle is not None:
        raise BadCheckpoint(
            f"{folder} holds only {pickle}, a pickle, which can run code as it is opened: get {WHOLE} from the same "
            "place, or convert it with transformers where you trust it"
        )
    raise BadCheckpoint(f"{folder} has no {WHOLE}: give the folder of a Hugging Face checkpoint")


def _regular(path: Path) -> Path:
    if not path.is_file():
        raise BadCheckpoint(f"{path} is missing or no file: {_AGAIN}")
    return path


def _within(folder: Path, path: Path) -> Path:
    """A shard may be a link into the cache that the folder belongs to, as Hugging Face lays it out; nowhere else."""
    home = folder.resolve()
    allowed = (home, home.parent.parent / "blobs") if home.parent.name == "snapshots" else (home,)
    if path.resolve().parent not in allowed:
        raise BadCheckpoint(f"{path} links to {path.resolve()}, outside of its folder: put the file itself there")
    return path


@contextmanager
def _readable(path: Path) -> Generator[None]:
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        raise BadCheckpoint(f"{path} is not a whole safetensors file ({error}): {_AGAIN}") from error
    except OSError as error:
        raise BadCheckpoint(f"cannot read {path}: {error.strerror or error}") from error
