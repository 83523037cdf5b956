"""How ``openbook see diffusion`` shows what it saw: a strip, a film, a sweep, or all of it on a page."""

from base64 import b64encode
from collections.abc import Sequence

import numpy as np

from openbook.cli.new_folder import SAID
from openbook.diffusion.film import Film, columns_of, noise_share
from openbook.diffusion.level import Array
from openbook.diffusion.subject import Subject
from openbook.diffusion.sweep import Sweep
from openbook.diffusion.tiles import tiled
from openbook.diffusion.world.sheet import sheet
from openbook.diffusion.world.truth import Verdict
from openbook.report.apng import apng
from openbook.report.frame import MARGIN, heading
from openbook.report.page import Section, page
from openbook.report.plural import plural
from openbook.report.png import png
from openbook.report.svg import WIDTH, Svg, document, element
from openbook.report.tables import Column, Table
from openbook.values import Json

_COLUMNS = 9
_SCALE = 4
_FRAME, _LAST = 120, 2000  # milliseconds
_MOST_FRAMES = 60  # one way

_READING = (
    "Noise is told as its share of what is seen. First row: a picture made noisy step by step, which needs no model. "
    "Second row: the way back from noise alone. Third row: what the denoiser takes the picture for at that point, "
    "which is blurred while much is still open."
)
_MOVING = (
    "There: to the left a picture made noisy, to the right the same without. Back: to the left noise that becomes a "
    "picture, to the right what the denoiser takes it for."
)
_MOVING_BACK = "To the left noise that becomes a picture, to the right what the denoiser takes it for."
_NO_DATA = "First row: the way from noise alone. Second row: what the denoiser takes the picture for at that point."


def strip_svg(film: Film, title: str) -> Svg:
    """Rows of at most nine levels, each with its share of noise."""
    columns = columns_of(film.levels, _COLUMNS)
    noise = [f"noise {noise_share(level):.0%}" for level in film.levels]
    rows = _rows(film, columns)
    told = [noise[place] for place in columns]
    captions = [*(told[::-1] if film.forward is not None else []), *told, *(["its guess"] * len(columns))]
    return sheet(
        title, [_coloured(picture) for picture in rows.reshape(-1, *rows.shape[2:])], captions, columns=len(columns)
    )


def strip_png(film: Film) -> bytes:
    return _png(tiled(_rows(film, columns_of(film.levels, _COLUMNS)), _SCALE))


def film_png(film: Film, scale: int = _SCALE) -> bytes:
    """An animated PNG: forward, where there is a picture to begin with, then back; beside it what the denoiser says."""
    shown = columns_of(film.levels, _MOST_FRAMES)
    pairs = [(film.reverse[place], film.guesses[place]) for place in shown]
    times = [_FRAME] * (len(pairs) - 1) + [_LAST]
    if film.forward is not None:
        pairs = [*((film.forward[place], film.forward[0]) for place in shown), *pairs]
        times = [*[_FRAME] * len(shown), *times]
    frames = [tiled(np.stack(pair)[None], scale) for pair in pairs]
    height, width, _ = frames[0].shape
    return apng(width, height, [frame.tobytes() for frame in frames], times, SAID)


def sweep_svg(found: Sweep, title: str) -> Svg:
    """A row for each guidance, a column for each number of steps; below each whether the caption is true of it."""
    captions = [
        f"{plural(steps, 'step')}, guidance {guidance:g}" for guidance in found.guidances for steps in found.steps
    ]
    pictures = [_coloured(picture) for row in found.pictures for picture in row]
    notes = [_note(verdict) for row in found.verdicts for verdict in row]
    return sheet(title, pictures, captions, columns=len(found.steps), notes=notes if any(notes) else ())


def sweep_png(found: Sweep) -> bytes:
    return _png(tiled(found.pictures, _SCALE))


def page_of(subject: Subject, film: Film, found: Sweep) -> str:
    """One HTML file with everything."""
    reading = _READING if film.forward is not None else _NO_DATA
    told = [f"Drawn by {subject.name}.", reading, strip_svg(film, ""), ended(film)]
    moving = [_MOVING if film.forward is not None else _MOVING_BACK, _film_svg(film_png(film, 2))]
    few = ["All from one noise.", sweep_svg(found, "")]
    title = f"Diffusion: {subject.caption}" if subject.caption else "Diffusion"
    return page(title, [Section("", told), Section("The film", moving), Section("Steps and guidance", few)])


def ended(film: Film) -> str:
    """What the last picture is, as far as it can be read."""
    calls = plural(film.calls, "call")
    if film.verdict is None:
        return f"{calls} of the denoiser; nothing here can read the picture, so look at it."
    if film.verdict.true:
        return f"{calls} of the denoiser; the caption is true of the picture."
    reasons = "; ".join(film.verdict.reasons)
    return f"{calls} of the denoiser; the caption is not true of the picture: {reasons}."


def sweep_table(found: Sweep) -> Table:
    """A row for each guidance, a column for each number of steps, as the pictures lie."""
    rows = [
        (f"{guidance:g}", *(_note(verdict) or "drawn" for verdict in row))
        for guidance, row in zip(found.guidances, found.verdicts, strict=True)
    ]
    heads = (Column("guidance"), *(Column(plural(steps, "step")) for steps in found.steps))
    judged = any(verdict is not None for row in found.verdicts for verdict in row)
    asked, drawn = "Is the caption true of the pictures, all from one noise?", "Pictures that nothing here can judge"
    return Table(asked if judged else f"{drawn}, all from one noise", heads, tuple(rows))


def sweep_values(subject: Subject, found: Sweep) -> dict[str, Json]:
    """For machines: what became of each picture."""
    pictures: list[Json] = [
        {"guidance": guidance, "steps": steps, **_judged(verdict)}
        for guidance, row in zip(found.guidances, found.verdicts, strict=True)
        for steps, verdict in zip(found.steps, row, strict=True)
    ]
    return {"caption": subject.caption, "by": subject.name, "pictures": pictures}


def values(subject: Subject, film: Film) -> dict[str, Json]:
    """For machines: each level on the way, and what became of it."""
    levels: list[Json] = [
        {"alpha": level.alpha, "sigma": level.sigma, "time": level.time, "noise": noise_share(level)}
        for level in film.levels
    ]
    told: dict[str, Json] = {"caption": subject.caption, "by": subject.name, "calls": film.calls}
    return {**told, **_judged(film.verdict), "levels": levels}


def _rows(film: Film, columns: Sequence[int]) -> Array:
    """(rows, columns, channels, height, width)"""
    rows = [film.reverse[columns], film.guesses[columns]]
    if film.forward is not None:
        backwards = [len(film.levels) - 1 - place for place in columns[::-1]]
        rows.insert(0, film.forward[backwards])
    return np.stack(rows)


def _film_svg(content: bytes) -> Svg:
    parts, y = heading("")
    width = WIDTH - 2 * MARGIN
    source = "data:image/png;base64," + b64encode(content).decode("ascii")
    where: dict[str, str | float] = {"x": MARGIN, "y": y, "width": width, "height": width / 2, "href": source}
    picture = element("image", {**where, "style": "image-rendering:pixelated"})
    return document(y + width / 2 + MARGIN / 2, "The film", "Noise, and a picture found in it.", *parts, picture)


def _coloured(picture: Array) -> Array:
    """One channel as three."""
    return np.broadcast_to(picture, (3, *picture.shape[1:])).astype(np.float32)


def _judged(verdict: Verdict | None) -> dict[str, Json]:
    """true: null where nothing can read the picture."""
    if verdict is None:
        return {"true": None, "reasons": []}
    return {"true": verdict.true, "reasons": list(verdict.reasons)}


def _note(verdict: Verdict | None) -> str:
    return "" if verdict is None else "true" if verdict.true else "not true"


def _png(whole: np.ndarray) -> bytes:
    return png(whole.shape[1], whole.shape[0], whole.tobytes(), SAID)
