"""Tokens on a terminal: pieces in colour, or in brackets where there is none; steps; and tables of a comparison."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from openbook.cli.screen import console, visible
from openbook.cli.tokens_input import Compared, Cut
from openbook.report import terminal
from openbook.report.characters import padded, shortened, width
from openbook.report.tables import Column, Table
from openbook.tokens.compare import Measured, summed
from openbook.tokens.steps import Matched, Merged

COLOURS = ("black on bright_cyan", "black on bright_yellow", "black on bright_green", "black on bright_magenta")
MOST_ROWS = 100
MOST_GROUPS = 24
"""Rows of a table; the smallest groups beyond are added up in one."""

_SPACES = str.maketrans({" ": "·", "\n": "⏎", "\t": "⇥", "\r": "␍"})
_TRIED = 6


def show_trained(done: Mapping[str, Any]) -> None:
    screen = console()
    fewer = (
        ""
        if done["size"] == done["asked"]
        else f" of the {done['asked']:,} asked for: no pair is left that occurs twice"
    )
    screen.print(f"{done['kind']}, {done['size']:,} pieces{fewer}", soft_wrap=True)
    screen.print(f"learned from {_many(done['texts'], 'text')}, {_size(done['bytes'])}", soft_wrap=True)
    screen.print(Text(f"written: {visible(done['file'])}", style="dim"), soft_wrap=True)


def show_pieces(row: Cut) -> None:
    screen = console()
    coloured = screen.is_terminal and not screen.no_color
    count, size = len(row.encoding), len(row.text.encode("utf-8", "replace"))
    rate = f", {size / count:.1f} bytes a token" if count else ""
    screen.print()
    screen.print(Text(visible(row.name), style="bold"), f"({row.size:,} pieces)", soft_wrap=True)
    screen.print(Text(f"{_many(count, 'token')} for {_many(len(row.text), 'character')}{rate}", style="dim"))
    screen.print()
    strip = _strip(row, coloured, screen.width)
    screen.print(strip, overflow="fold")
    screen.print()
    _print_rows(screen, row, coloured)
    if legend := _legend(row, strip):
        screen.print(Text(legend, style="dim"))
    if row.words is not None:
        for word in row.words:
            screen.print()
            for line in _merges(word, coloured) if isinstance(word, Merged) else _matches(word):
                screen.print(line, overflow="fold")


def show_comparison(found: Compared) -> None:
    result = found.comparison
    names = list(result.sizes)
    summary = tuple(
        (
            name,
            f"{result.sizes[name]:,}",
            f"{one.tokens_per_word:.2f}",
            f"{one.bytes_per_token:.2f}",
            _percent(one.unknown_rate),
            _percent(one.changed_rate),
            _percent(one.lost_rate),
        )
        for name, one in result.total.items()
    )
    heads = ("tokens a word", "bytes a token", "unknown tokens", "changed passages", "lost characters")
    columns = (Column(""), *(Column(name, "right") for name in ("pieces", *heads)))
    note = (
        f"BPE and WordPiece learned from {_size(result.learned)} of these passages; all are measured on the other"
        f" {_size(result.held)}. Words are parted at white space, which some languages have little of. A word that"
        " is unknown is one token, whatever its length: read the first columns with the third. Changed: not the same"
        " after encoding and decoding, white space aside; lost: characters that do not come back, capitals and accents"
        " among them."
    )
    _print_table(Table("All texts", columns, summary, note))
    if len(result.groups[names[0]]) > 1:
        total = result.total.values()
        _print_table(_by_group("Tokens a word", result.groups, lambda one: f"{one.tokens_per_word:.2f}"))
        _print_table(_by_group("Bytes a token", result.groups, lambda one: f"{one.bytes_per_token:.2f}"))
        if any(one.unknown for one in total):
            _print_table(_by_group("Unknown tokens", result.groups, lambda one: _percent(one.unknown_rate)))
        if any(one.lost for one in total):
            _print_table(_by_group("Lost characters", result.groups, lambda one: _percent(one.lost_rate)))


def _print_table(table: Table) -> None:
    screen = console()
    screen.print()
    screen.print(Text(terminal.text(table, max(20, screen.width))), soft_wrap=True)


def _by_group(title: str, groups: Mapping[str, Mapping[str, Measured]], shown: Callable[[Measured], str]) -> Table:
    """A row a group in the order of the corpus, the smallest beyond ``MOST_GROUPS`` in one; a column a tokenizer."""
    first = next(iter(groups.values()))
    order = sorted(first, key=lambda group: -first[group].bytes)
    kept = sorted(order[:MOST_GROUPS], key=list(first).index)
    rows = [(visible(group), *(shown(of[group]) for of in groups.values())) for group in kept]
    rest = order[MOST_GROUPS:]
    if rest:
        rows.append(
            (f"{len(rest)} smaller ones", *(shown(summed(of[group] for group in rest)) for of in groups.values()))
        )
    return Table(title, (Column(""), *(Column(name, "right") for name in groups)), tuple(rows))


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _size(size: int) -> str:
    if size < 10_000:
        return f"{size:,} bytes"
    return f"{size / 1e3:,.0f} kB" if size < 1e6 else f"{size / 1e6:,.1f} MB"


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}%" if rate == 0 or rate >= 0.0005 else "<0.1%"


def _strip(row: Cut, coloured: bool, columns: int) -> Text:
    """The text with its pieces marked, broken between them; a further token of the same character is ▸."""
    parts: list[tuple[str, str]] = []
    at = 0
    for number, (start, end) in enumerate(row.encoding.offsets):
        parts.append((_seen(row.text[at:start]), "dim"))
        own = _seen(row.text[max(at, start) : end]) or "▸"
        parts.append((own, COLOURS[number % len(COLOURS)]) if coloured else (f"⟨{own}⟩", ""))
        at = max(at, end)
    parts.append((_seen(row.text[at:]), "dim"))
    line = Text()
    used = 0
    for part, style in parts:
        if used and used + width(part) > columns:
            line.append("\n")
            used = 0
        line.append(part, style=style)
        used = (used + width(part)) % columns
    return line


def _legend(row: Cut, strip: Text) -> str:
    """What a person meets for the first time in these pieces."""
    pieces = row.encoding.pieces
    said = {
        "Ġ is a space, as byte-level vocabularies write it": row.kind == "BPE" and any("Ġ" in p for p in pieces),
        "Ċ is a line end": row.kind == "BPE" and any("Ċ" in p for p in pieces),
        "▸ a further token of the same character": "▸" in strip.plain,
        "## continues a word": row.kind == "WordPiece" and any(p.startswith("##") for p in pieces),
        "[UNK] a word that cannot be cut": "[UNK]" in pieces,
    }
    return "; ".join(line for line, wanted in said.items() if wanted)


def _print_rows(screen: Console, row: Cut, coloured: bool) -> None:
    encoding = row.encoding
    if not encoding.ids:
        screen.print(Text("no tokens: it leaves all of this out", style="dim"))
        return
    limit = min(24, max((width(_seen(piece)) for piece in encoding.pieces[:MOST_ROWS]), default=0))
    heading = f"{'':>4}  {padded('piece', max(5, limit), 'left')}  {'id':>7}  {'place':<11}  text"
    screen.print(Text(heading, style="dim"))
    rows = zip(encoding.ids[:MOST_ROWS], encoding.offsets, encoding.pieces, strict=False)
    for number, (identity, (start, end), piece) in enumerate(rows):
        style = COLOURS[number % len(COLOURS)] if coloured else ""
        name = shortened(_seen(piece), max(5, limit))
        line = Text(f"{number:>4}  ")
        line.append(name, style=style)
        line.append(padded("", max(5, limit) - width(name), "left"))
        place = f"{start}–{end}"
        line.append(f"  {identity:>7}  {place:<11}  {shortened(_seen(row.text[start:end]), 24)}")
        screen.print(line, soft_wrap=True)
    if len(encoding) > MOST_ROWS:
        screen.print(Text(f"and {len(encoding) - MOST_ROWS:,} more tokens: --json gives them all", style="dim"))


def _merges(word: Merged, coloured: bool) -> Iterator[Text]:
    """Each state of the word, the pair to be merged next marked, and the rank of that merge."""
    for step in word.steps:
        line = Text("  ")
        for place, symbol in enumerate(step.symbols):
            joined = step.place is not None and place in (step.place, step.place + 1)
            mark = _seen(symbol)
            if joined and not coloured:
                mark = f"⟨{mark}" if place == step.place else f"{mark}⟩"
            line.append(mark, style="black on bright_yellow" if joined and coloured else "")
            line.append(" ")
        if step.rank is not None:
            line.append(f"  merge {step.rank + 1:,}", style="dim")
        else:
            line.append("  done" if len(word.steps) > 1 else "  no merge applies", style="dim")
        yield line


def _matches(word: Matched) -> Iterator[Text]:
    """What was tried at each place, longest first, and what was found."""
    yield Text(f"  {_seen(word.word)}")
    if not word.matches:
        yield Text(f"    longer than a word may be: {word.pieces[0]}", style="dim")
    for match in word.matches:
        missed = [_seen(piece) for piece in (match.tried[:-1] if match.found else match.tried)]
        if len(missed) > _TRIED:
            left = len(missed) - _TRIED
            missed = [*missed[: _TRIED // 2], f"… {left} more …", *missed[-_TRIED // 2 :]]
        line = Text("    ")
        line.append(f"{_seen(match.tried[-1])} ✓" if match.found else f"nothing fits: the word is {word.pieces[0]}")
        line.append("  not " + ", ".join(missed) if missed else "", style="dim")
        yield line


def _seen(text: str) -> str:
    """One line, with spaces and line ends visible."""
    return visible(text.translate(_SPACES)).encode("utf-8", "replace").decode("utf-8")
