"""An animated PNG: every frame comes back, and what cannot be one is refused."""

import io
import struct

import numpy as np
import pytest
from png_pixels import chunks, frames, texts

from openbook.report.apng import apng
from openbook.report.problems import ReportProblem


def film() -> list[np.ndarray]:
    return list(np.random.default_rng(1).integers(0, 256, (4, 5, 7, 3)).astype(np.uint8))


def test_frames_and_texts_come_back(tmp_path) -> None:
    path = tmp_path / "film.apng"
    path.write_bytes(apng(7, 5, [frame.tobytes() for frame in film()], [10, 20, 30, 65535], {"Title": "naïve ☂"}))
    assert all((found == frame).all() for found, frame in zip(frames(path), film(), strict=True))
    assert texts(path) == {"Title": "naïve ☂"}


def test_sequence_numbers_and_times_are_as_the_format_wants_them() -> None:
    parts = chunks(apng(7, 5, [frame.tobytes() for frame in film()], [10, 20, 30, 40]))
    assert [kind for kind, _ in parts] == [b"IHDR", b"acTL", *[b"fcTL", b"IDAT"], *[b"fcTL", b"fdAT"] * 3, b"IEND"]
    assert [struct.unpack(">I", data[:4])[0] for kind, data in parts if kind in (b"fcTL", b"fdAT")] == [*range(7)]
    assert [struct.unpack(">HH", data[20:24]) for kind, data in parts if kind == b"fcTL"] == [
        (10, 1000), (20, 1000), (30, 1000), (40, 1000)]  # fmt: skip


def test_pillow_reads_it_as_it_was_meant() -> None:
    image = pytest.importorskip("PIL.Image")
    with image.open(io.BytesIO(apng(7, 5, [frame.tobytes() for frame in film()], [10, 20, 30, 40]))) as opened:
        assert opened.n_frames == 4
        for number, frame in enumerate(film()):
            opened.seek(number)
            assert (np.asarray(opened.convert("RGB")) == frame).all()
            assert opened.info["duration"] == 10 * (number + 1)


@pytest.mark.parametrize(
    ("frames_", "times", "line"),
    [
        ([], [], "0 frames and 0 times"),
        ([bytes(12)], [1, 2], "1 frames and 2 times"),
        ([bytes(12)], [0], "1 to 65,535 milliseconds"),
        ([bytes(11)], [5], "are 12 bytes, not 11"),
        ([bytes(12)] * 12_500_001, [5] * 12_500_001, "more than 50,000,000 pixels in all"),
    ],
)
def test_what_is_no_film_is_refused(frames_, times, line: str) -> None:
    with pytest.raises(ReportProblem, match=line):
        apng(2, 2, frames_, times)
