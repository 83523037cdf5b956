"""Documents in: files and pages to text, text to sentences and chunks, every one of them a span of its document."""

from openbook.documents.chunk import chunk
from openbook.documents.fetch import fetch
from openbook.documents.limits import Limits
from openbook.documents.load import load
from openbook.documents.place import place
from openbook.documents.sentences import sentences
from openbook.documents.walk import Skipped, walk

__all__ = ["Limits", "Skipped", "chunk", "fetch", "load", "place", "sentences", "walk"]
