"""The child process that parses what may be hostile (HTML, PDF, docx), one request after another.

Started by ``child.py``. A frame is its length in 8 bytes, then its bytes. A request is two frames, a JSON header and
the source; so is an answer, a JSON header and the text in UTF-8. The child opens no files of its own, and ends when its
input does, so also when its parent is killed.
"""

import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any, BinaryIO

from openbook.documents.extracted import Extracted
from openbook.documents.limits import Limits, in_megabytes
from openbook.documents.refused import Refused

HEADER_BYTES = 64_000_000
"""A header longer than this is no answer: it holds at most 10,000 headings and as many pages and spans."""


def send(pipe: BinaryIO, header: dict[str, Any], body: bytes) -> None:
    """Two frames."""
    for frame in (json.dumps(header).encode(), body):
        pipe.write(len(frame).to_bytes(8, "big"))
        pipe.write(frame)
    pipe.flush()


def receive(pipe: BinaryIO, most: int) -> tuple[dict[str, Any], bytes] | None:
    """Two frames, the second of at most ``most`` bytes; None where the input ends or says what it cannot say."""
    frames: list[bytes] = []
    for bound in (HEADER_BYTES, most):
        length = int.from_bytes(pipe.read(8), "big")
        frame = pipe.read(length) if length <= bound else b""
        if len(frame) != length or (bound == HEADER_BYTES and not frame):
            return None
        frames.append(frame)
    return json.loads(frames[0]), frames[1]


def serve(source: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    while request := receive(source, 1 << 40):
        header, data = request
        limits = Limits(**header["limits"])
        try:
            _limit_cpu(limits.seconds)
            extracted = extract(header["kind"], data, header["declared"], limits)
            answer = {"title": extracted.title, "meta": extracted.meta}, extracted.text.encode("utf-8", "replace")
        except Refused as error:
            answer = {"refused": str(error)}, b""
        except MemoryError:
            answer = {"refused": f"needs over {in_megabytes(limits.memory_bytes)} of memory: split it"}, b""
        except Exception as error:  # noqa: BLE001 - a broken file makes a parser raise anything; the parent reports it
            answer = {"refused": f"is broken ({type(error).__name__}): open it in its program and save it again"}, b""
        send(answers, *answer)


def extract(kind: str, data: bytes, declared: str | None, limits: Limits) -> Extracted:
    """Parse in this very process. The parsers are imported when the first source of their kind comes."""
    extracted = _extract(kind, data, declared, limits)
    if len(extracted.text) > limits.max_characters:
        raise Refused(f"holds over {limits.max_characters:,} characters of text: split it")
    return extracted


def _extract(kind: str, data: bytes, declared: str | None, limits: Limits) -> Extracted:
    if kind == "pdf":
        from openbook.documents.pdf_text import extract_pdf

        return extract_pdf(data, limits)
    if kind == "docx":
        from openbook.documents.docx_text import extract_docx

        return extract_docx(data, limits)
    from openbook.documents.html_text import extract_html

    return extract_html(data, declared)


def _limit(name: str, value: int) -> None:
    with suppress(ImportError, AttributeError, ValueError, OSError):  # not on every platform
        import resource

        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _limit_cpu(seconds: float) -> None:
    """A second line behind the parent's clock: an orphan does not go on for ever."""
    with suppress(ImportError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit("RLIMIT_CPU", int(used.ru_utime + used.ru_stime + 2 * seconds) + 2)


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the parent, which then ends us
    os.dup2(2, 1)  # whatever a parser prints must not mix with the answers
    _limit("RLIMIT_AS", int(sys.argv[1]))
    _limit("RLIMIT_CORE", 0)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
