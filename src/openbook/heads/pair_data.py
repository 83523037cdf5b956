"""From the sets of a recipe to labelled pairs: trimmed, with mined negatives and cloze questions, kept for later."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from openbook.encode import open_encoder
from openbook.heads.claim_pairs import claim_examples
from openbook.heads.cloze_pairs import cloze_examples
from openbook.heads.examples import Example
from openbook.heads.free_text import free_texts
from openbook.heads.guard_sets import guard_texts
from openbook.heads.injections import known_examples, made_examples
from openbook.heads.negatives import mined
from openbook.heads.pair_recipe import PairData
from openbook.heads.sets import data_folder, read_set
from openbook.heads.split import Part, only
from openbook.heads.statements import statement_examples
from openbook.json_lines import rows_of
from openbook.train.problems import TrainProblem
from openbook.train.whole import write_whole
from openbook.values import Span

FORMAT = 1
MOST = 1_000_000

ENCYCLOPEDIC = ("squad", "nq", "wikitext")
"""Asked about five times as often as other texts: most like what the labelled questions are asked about."""

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Pairs:
    """labelled: questions of people with mined negatives; cloze: made questions."""

    labelled: Sequence[Example]
    cloze: Sequence[Example]


def training_pairs(data: PairData, seed: int, say: Say) -> Pairs:
    """The training part of every set, and of the texts. The same for the same sets, settings and seed."""
    folder = data_folder()
    apart = data, "train", seed, say
    labelled = part_of_sets(*apart) + made_claims(*apart) + made_injections(*apart)
    made = _kept(data, f"cloze-{seed}-{data.cloze}-{'-'.join(data.texts)}", lambda: _cloze(data, folder, seed, say))
    return Pairs(labelled, made)


def part_of_sets(data: PairData, part: Part, seed: int, say: Say) -> list[Example]:
    """A part of the recipe's sets, with mined negatives."""
    sets = "-".join(f"{name}{data.most.get(name, '')}" for name in data.sets)
    name = f"{part}-{seed}-{data.negatives}-{data.longest}-{sets}"
    return _kept(data, name, lambda: _labelled(data, part, seed, say))


def made_claims(data: PairData, part: Part, seed: int, say: Say) -> list[Example]:
    """Claims on texts of a part and statements of its questions; none where the recipe asks for none."""
    folder = data_folder()
    asked = [trimmed(e, data.longest) for name in data.statements for e in _drawn(data, name, part, seed, folder)]
    stated = statement_examples(asked, seed)
    count = _share(data.claims, part)
    if not count:
        return stated
    texts = free_texts(data.texts, folder, part)
    say(f"making {count:,} claims from {len(texts):,} passages, {len(stated):,} statements of questions ({part})")
    return stated + claim_examples(texts, count, seed)


def made_injections(data: PairData, part: Part, seed: int, say: Say) -> list[Example]:
    """The guard sets' texts of a part, and attacks put into passages; none where the recipe names no guard set."""
    if not data.guards:
        return []
    folder = data_folder()
    known = guard_texts(data.guards, folder, part)
    passages = free_texts(data.texts, folder, part)
    count = _share(data.injections, part)
    say(f"{len(known):,} texts of guard sets, {count:,} made with {len(passages):,} passages ({part})")
    examples = known_examples(known) + made_examples(known, passages, count, seed)
    return [trimmed(example, data.longest) for example in examples]


def _share(count: int, part: Part) -> int:
    """A tenth as many outside of training."""
    return count if part == "train" else count // 10


def _labelled(data: PairData, part: Part, seed: int, say: Say) -> list[Example]:
    folder = data_folder()
    examples = [trimmed(e, data.longest) for name in data.sets for e in _drawn(data, name, part, seed, folder)]
    if not data.negatives or not examples:
        return examples
    say(f"mining {data.negatives} negatives for each of {len(examples):,} questions ({part})")
    return examples + mined(examples, open_encoder(), data.negatives, seed)


def _drawn(data: PairData, name: str, part: Part, seed: int, folder: Path) -> list[Example]:
    found = [e for e in only(read_set(name, folder), part) if e.question.strip() and e.passage.strip()]
    order: list[int] = np.random.default_rng(seed).permutation(len(found))[: data.most.get(name)].tolist()
    return [found[n] for n in sorted(order)]


def _cloze(data: PairData, folder: Path, seed: int, say: Say) -> list[Example]:
    if not data.cloze:
        return []
    texts = free_texts(data.texts, folder, "train")
    say(f"making {data.cloze:,} cloze questions from {len(texts):,} passages")
    often = [text for text in texts if text.source in ENCYCLOPEDIC]
    made = cloze_examples([*texts, *often * 4], data.cloze, seed)
    if not made:
        raise TrainProblem(
            "no passage of data.texts is long enough to ask about: name other texts, or set data.cloze=0"
        )
    return made


def trimmed(example: Example, longest: int) -> Example:
    """A passage of at most ``longest`` characters, with the first answer about the middle; cut between words."""
    text = example.passage
    if len(text) <= longest:
        return example
    first = example.spans[0] if example.spans else Span(0, 0)
    start = max(0, min((first.start + first.end) // 2 - longest // 2, len(text) - longest))
    start = 0 if start == 0 else text.find(" ", start) + 1
    end = min(len(text), start + longest)
    end = end if end == len(text) else max(text.rfind(" ", start, end), first.end)
    spans = tuple(Span(s.start - start, s.end - start) for s in example.spans if start <= s.start and s.end <= end)
    return replace(example, passage=text[start:end], spans=spans)


def _kept(data: PairData, name: str, make: Callable[[], Iterable[Example]]) -> list[Example]:
    """Read back where this very thing was made before, else made and written."""
    digest = hashlib.sha256(f"{FORMAT} {name}".encode()).hexdigest()[:12]
    path = Path(data.keep).expanduser() / f"{name[:40]}-{digest}.jsonl.gz"
    if path.is_file():
        return [_example(row) for _, row in rows_of(path, MOST)]
    made = list(make())
    write_whole(path, gzip.compress("".join(json.dumps(asdict(e)) + "\n" for e in made).encode(), 6, mtime=0))
    return made


def _example(row: dict[str, object]) -> Example:
    fields = dict(row)
    spans = tuple(Span(span["start"], span["end"]) for span in fields["spans"])  # type: ignore[index]
    return Example(**{**fields, "spans": spans, "heading": tuple(fields["heading"])})  # type: ignore[arg-type]
