"""The errors a user may see: each is one line that says what is wrong and what to do next.

The command line prints the message of an ``OpenbookError`` and exits with 2; anything else that escapes is a bug.
"""


class OpenbookError(Exception):
    """What a person can mend. The message is one line, ends without a full stop, and names the next step."""


class UnreadableSource(OpenbookError):
    """A file, folder or page that cannot be read as a document: missing, empty, broken, too large, refused."""


class NothingToRead(UnreadableSource):
    """Sources that are there and hold no document yet. what: the line without its remedy; to wait is another."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: name another")
        self.what = what


class MissingExtra(OpenbookError):
    """A feature whose optional packages are not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs optional packages: pip install 'openbook[{extra}]'")


class PromptTooLong(OpenbookError):
    """More than a model's context holds. Who made the prompt from parts may ask again with fewer of them."""


class IndexProblem(OpenbookError):
    """An index that is missing, corrupt, made by another model or by a newer openbook, or cannot be written."""


class IndexBusy(IndexProblem):
    """Another process is writing to this index."""
