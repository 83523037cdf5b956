"""Why a source is not read, on its way from a parser to the person."""


class Refused(ValueError):
    """A phrase that follows the source's name: "is encrypted: save it without a password"."""
