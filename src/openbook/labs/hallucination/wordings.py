"""The words that the made-up world is written in: names, values of each field, and how each fact can be said.

A name always stands before its value, since a model that read "Y is home to X" does not answer "where is X from?"
(Berglund et al. 2023). Each field can be said in four ways, so that samples agree in meaning and differ in words.
"""

from dataclasses import dataclass

_BEGIN = "Ad Bel Cor Dor Ed Fal Git Hol Im Jor Kir Lor Mar Nor Os Pel Quin Ros Stel Tam Ul Ver Wim Xen Yor Zel".split()
_END = "a an ax ek ena eth id ik in ira is ith on or os ova un us yl yn".split()
NAMES = tuple(begin + end for begin in _BEGIN for end in _END)
"""One word each, so that to tell two people apart is to compare one word."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is known of everyone. wordings: {n} stands for the name, {v} for the value."""

    name: str
    question: str
    wordings: tuple[str, ...]
    values: tuple[str, ...]


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


def _said(*phrases: str) -> tuple[str, ...]:
    return tuple(f"{{n}} {phrase} {{v}} ." for phrase in phrases)


_TOWNS = _words(
    "Arvik Belmora Castun Drell Elvast Fornby Gransee Hartwick Ilmen Jorvala Kastel Lundry Morvane Nessa Ostrel Pelham "
    "Quarn Rimsk Solvay Torhus Umbra Velden Wexmoor Ystad Zarn Alder Bruni Corso Dunmar Estra"
)
_FIRMS = _words(
    "Altec Borealis Cindra Deltron Exoma Ferrum Gladius Hydra Intera Junos Kappa Lumina Meridian Novus Optima Praxis "
    "Quanta Rotor Sigma Terra Umami Vertex Wavelet Xylo Yotta Zenit Arcus Brevis Calyx Domus"
)
_INSTRUMENTS = _words(
    "accordion bassoon cello dulcimer fiddle guitar harp kazoo lute mandolin oboe piano recorder saxophone trumpet "
    "ukulele viola whistle xylophone zither banjo clarinet drums flute horn lyre organ sitar tuba trombone"
)
_SUBJECTS = _words(
    "algebra botany chemistry dance ecology finance geology history irrigation journalism knitting law music nursing "
    "optics physics robotics surgery theology urbanism virology weaving zoology anatomy brewing ceramics drama ethics "
    "forestry genetics"
)

_YEARS = tuple(str(year) for year in range(1950, 1980))

FIELDS = (
    Field("birthplace", "Where was {n} born ?", _said("was born in", "comes from", "grew up in", "is from"), _TOWNS),
    Field("employer", "Who employs {n} ?", _said("works for", "is employed by", "has a job at", "is paid by"), _FIRMS),
    Field(
        "instrument",
        "What does {n} play ?",
        _said("plays the", "practises the", "performs on the", "has learnt the"),
        _INSTRUMENTS,
    ),
    Field(
        "subject",
        "What did {n} study ?",
        _said("studied", "graduated in", "took courses in", "has a degree in"),
        _SUBJECTS,
    ),
    Field("year", "When did {n} marry ?", _said("married in", "wed in", "had a wedding in", "was wed in"), _YEARS),
)

UNKNOWN = "That is not known ."
"""What is said where the text that was given does not tell."""
