"""What ``openbook see diffusion`` does: choose who denoises, follow it, and write the picture that was asked for."""

from pathlib import Path

from openbook.cli.imagining import open_denoiser
from openbook.cli.new_folder import refuse_far, refuse_other_than_html, refuse_other_than_png, refuse_other_than_svg
from openbook.cli.show_diffusion import film_png, page_of, strip_png, strip_svg, sweep_png, sweep_svg
from openbook.diffusion.denoiser_folder import Edge, Sampling
from openbook.diffusion.film import Film, film
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.subject import Subject, exact_subject, model_subject
from openbook.diffusion.sweep import Sweep, sweep
from openbook.report.files import write_whole

_EXAMPLE = "two green triangles above a yellow square"


def refuse_bad(out: Path, *, swept: bool, chosen: bool) -> None:
    """Raises OpenbookError for a name that says no kind of picture, and for one where something else is.

    swept: a sweep alone. chosen: a number of steps or a guidance was given, of which a sweep has its own.
    """
    refuse_far(out, "the picture")
    ending = out.suffix.lower()
    if ending == ".svg":
        refuse_other_than_svg(out)
    elif ending == ".html":
        refuse_other_than_html(out)
    elif ending in (".png", ".apng"):
        refuse_other_than_png(out, ".apng")
    else:
        raise DiffusionProblem(f"{out} ends in none of .html, .png, .apng and .svg: give one of these")
    if swept and ending == ".apng":
        raise DiffusionProblem("a sweep does not move: give --sweep a .png, an .svg, or a .html with everything")
    if swept and chosen:
        raise DiffusionProblem("a sweep has steps and guidances of its own: leave --steps and --guidance out")


def subject_of(caption: str | None, model: Path | None, *, exact: bool) -> Subject:
    """The model's, the shipped one's, or the perfect denoiser's; of something it can draw where no caption is given.

    Raises OpenbookError for a model beside ``exact``, and for no caption where only its user knows one.
    """
    if not exact:
        denoiser = open_denoiser(model)
        return model_subject(denoiser, _example(denoiser.folder.said) if caption is None else caption)
    if model is not None:
        raise DiffusionProblem("the exact denoiser is no model: give one of --exact and --model")
    return exact_subject(_EXAMPLE if caption is None else caption)


def _example(said: Edge) -> str:
    if said.world:
        return _EXAMPLE
    if said.tokens:
        raise DiffusionProblem("this denoiser is told texts: give one, such as it learnt from")
    return said.classes[0] if said.classes else ""


def seen_sweep(subject: Subject, sampler: str, seed: int, out: Path) -> Sweep:
    """Write the sweep alone, as .svg or .png."""
    found = sweep(subject, sampler, seed)
    write_whole(out, sweep_svg(found, _title(subject)).text if out.suffix.lower() == ".svg" else sweep_png(found))
    return found


def seen(subject: Subject, sampling: Sampling, seed: int, out: Path) -> Film:
    """Write a strip, a film or a page with everything, by the ending of ``out``. Returns what was seen."""
    found = film(subject, sampling, seed)
    ending = out.suffix.lower()
    if ending == ".html":
        write_whole(out, page_of(subject, found, sweep(subject, sampling.sampler, seed)))
    elif ending == ".svg":
        write_whole(out, strip_svg(found, _title(subject)).text)
    else:
        write_whole(out, strip_png(found) if ending == ".png" else film_png(found))
    return found


def _title(subject: Subject) -> str:
    return f"Diffusion: {subject.caption}" if subject.caption else "Diffusion"
