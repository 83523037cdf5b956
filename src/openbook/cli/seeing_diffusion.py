"""What ``openbook see diffusion`` does: choose who denoises, follow it, and write the picture that was asked for."""

from pathlib import Path

from openbook.cli.imagining import open_denoiser
from openbook.cli.new_folder import refuse_far, refuse_other_than_html, refuse_other_than_png, refuse_other_than_svg
from openbook.cli.show_diffusion import film_png, page_of, strip_png, strip_svg, sweep_png, sweep_svg
from openbook.diffusion.denoiser_folder import SHIPPED, Sampling
from openbook.diffusion.film import Film, film
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.subject import Subject, exact_subject, model_subject
from openbook.diffusion.sweep import sweep
from openbook.manifests import MANIFEST
from openbook.report.files import write_whole


def refuse_bad(out: Path, *, swept: bool) -> None:
    """Raises OpenbookError for a name that says no kind of picture, and for one where something else is."""
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


def subject_of(caption: str, model: Path | None) -> Subject:
    """The model's, the shipped one's, or where none is shipped the perfect denoiser's."""
    if model is None and not (SHIPPED / MANIFEST).is_file():
        return exact_subject(caption)
    return model_subject(open_denoiser(model), caption)


def seen(subject: Subject, sampling: Sampling, seed: int, out: Path, *, swept: bool) -> Film:
    """Write ``out``, by its ending. Returns what was seen."""
    found = film(subject, sampling, seed)
    title = f"Diffusion: {subject.caption}" if subject.caption else "Diffusion"
    ending = out.suffix.lower()
    if ending == ".html":
        write_whole(out, page_of(subject, found, sweep(subject, sampling.sampler, seed)))
    elif swept:
        grid = sweep(subject, sampling.sampler, seed)
        write_whole(out, sweep_svg(grid, title).text if ending == ".svg" else sweep_png(grid))
    elif ending == ".svg":
        write_whole(out, strip_svg(found, title).text)
    else:
        write_whole(out, strip_png(found) if ending == ".png" else film_png(found))
    return found
