"""A report as one HTML file: headings, paragraphs, tables and plots, nothing fetched from anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from openbook.report.markup import escaped_html, html
from openbook.report.palette import FONT, GRID, INK, MUTED, SURFACE
from openbook.report.svg import Svg
from openbook.report.tables import Table

Content: TypeAlias = str | Table | Svg
"""A paragraph of text, a table, or a plot."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

BEGINNING = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}"""
"""Of every page, and hardly of a page by others."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, in order."""

    heading: str
    contents: Sequence[Content]


def page(title: str, sections: Sequence[Section]) -> str:
    """The whole document. All text is escaped; the page tells the browser to load nothing and to run nothing.

    Pictures may stand inside a plot, as data.
    """
    pictures = any(isinstance(each, Svg) and "data:image/" in each.text for part in sections for each in part.contents)
    more = "; img-src data:" if pictures else ""
    body = "\n".join(_section(section) for section in sections)
    return f"""{BEGINNING}{more}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escaped_html(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escaped_html(title)}</h1>
{body}
</main>
</body>
</html>
"""


def _section(section: Section) -> str:
    heading = [f"<h2>{escaped_html(section.heading)}</h2>"] if section.heading else []
    return "\n".join(["<section>", *heading, *map(_content, section.contents), "</section>"])


def _content(content: Content) -> str:
    if isinstance(content, Svg):
        return f"<figure>{content.text.strip()}</figure>"
    if isinstance(content, Table):
        return html(content)
    return f"<p>{escaped_html(content)}</p>"


_COLOURS = {"surface": SURFACE, "ink": INK, "muted": MUTED, "grid": GRID}
_LIGHT = "".join(f"--{name}:{shade.light};" for name, shade in _COLOURS.items())
_DARK = "".join(f"--{name}:{shade.dark};" for name, shade in _COLOURS.items())
_STYLE = f"""
:root{{color-scheme:light dark;{_LIGHT}}}
@media (prefers-color-scheme:dark){{:root{{{_DARK}}}}}
body{{margin:0;background:var(--surface);color:var(--ink);font:16px/1.55 {FONT}}}
main{{max-width:720px;margin:0 auto;padding:32px 20px 64px}}
h1{{font-size:28px;line-height:1.2;margin:0 0 24px;text-wrap:balance}}
h2{{font-size:20px;line-height:1.3;margin:40px 0 12px}}
p{{margin:12px 0;overflow-wrap:anywhere}}
figure{{margin:20px 0}}
figure svg{{display:block;width:100%;height:auto}}
.table{{overflow-x:auto;margin:20px 0}}
table{{border-collapse:collapse;font-size:14px;line-height:1.4;font-variant-numeric:tabular-nums;min-width:100%}}
caption{{text-align:left;font-weight:600;padding:0 0 8px}}
th,td{{padding:6px 12px 6px 0;border-bottom:1px solid var(--grid);vertical-align:top;text-align:left}}
th:last-child,td:last-child{{padding-right:0}}
th{{color:var(--muted);font-weight:600;vertical-align:bottom}}
.right{{text-align:right}}.center{{text-align:center}}
td.right{{white-space:nowrap}}
.note{{font-size:13px;color:var(--muted);margin:-8px 0 20px}}
@media print{{main{{max-width:none}}section{{break-inside:avoid-page}}}}
"""
