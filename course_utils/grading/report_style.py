"""The look of the grader's pages: one self-contained HTML document each, nothing loaded, nothing executed.

Everything that a student wrote goes through ``shown`` or ``code_box``: escaped, of bounded length, without paths of
the instructor's machine. A policy in every page forbids scripts even if that failed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from course_utils.part_files import part_file
from course_utils.picture import FONT_FAMILY

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_CUT = 20_000  # letters of one text that a page shows
# What no font draws or what turns the direction of the words around it; line ends and tabs stay.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_FOLDERS = r"(?:home|root|tmp|Users|private|var|mnt|media|srv|opt|usr|work|workspace|data|content|proc|run|etc)"
_PATH = re.compile(rf"(?<![\w.:/])/{_FOLDERS}(?:/[^\s'\"<>|:,;)\]]*)+|\b[A-Za-z]:\\[^\s'\"<>|:,;)\]]*")
_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font-family: %(fonts)s; font-size: 16px; line-height: 1.65; color: #1f2328; background: #fff;
  max-width: 62rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; word-break: keep-all; }
h1 { font-size: 1.6rem; line-height: 1.3; margin: .5rem 0 1rem; }
h2 { font-size: 1.3rem; margin: 2rem 0 .6rem; padding-bottom: .2rem; border-bottom: 2px solid #d0d7de; }
h3 { font-size: 1.1rem; margin: 0 0 .4rem; }
h4 { font-size: 1rem; margin: .8rem 0 .2rem; }
.wide { overflow-x: auto; }
.wide:focus { outline: 3px solid #005a9c; }
table { border-collapse: collapse; width: 100%%; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { border: 1px solid #8c959f; padding: .35rem .6rem; text-align: left; vertical-align: top;
  overflow-wrap: break-word; }
thead th { background: #eaeef2; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
pre { font-family: 'D2Coding','Nanum Gothic Coding',Consolas,Menlo,monospace; font-size: .92rem; line-height: 1.5;
  white-space: pre-wrap; word-break: normal; background: #f6f8fa; border: 1px solid #d0d7de; padding: .4rem .6rem;
  margin: .15rem 0 .4rem; unicode-bidi: plaintext; }
dl.pairs { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; margin: .4rem 0; }
dl.pairs dt { font-weight: bold; }
dl.pairs dd { margin: 0; min-width: 0; }
dl.pairs pre { margin: 0; }
ul, ol { padding-left: 1.4rem; margin: .4rem 0; }
.card { border: 1px solid #8c959f; border-left-width: 8px; padding: .7rem 1rem; margin: 0 0 1rem; }
.card p { margin: .3rem 0; } .card h4 { margin-top: .6rem; }
.wide { margin: 0 0 1rem; }
tbody th { min-width: 6rem; }
td:has(.track) { min-width: 6rem; }
.card.good { border-left-color: #1a7f37; } .card.part { border-left-color: #8a6a00; }
.card.bad { border-left-color: #a63d00; } .card.wait { border-left-color: #005a9c; }
.card.calm { border-left-color: #57606a; }
.mark { font-weight: bold; white-space: nowrap; }
.mark.good { color: #1a7f37; } .mark.part { color: #735700; } .mark.bad { color: #a63d00; }
.mark.wait { color: #005a9c; } .mark.calm { color: #57606a; }
.small { font-size: .9rem; color: #57606a; }
.keep { white-space: nowrap; }
.score { font-size: 1.25rem; font-weight: bold; }
.track { display: block; height: .6rem; min-width: 5rem; background: #d0d7de; -webkit-print-color-adjust: exact;
  print-color-adjust: exact; }
.track span { display: block; height: 100%%; background: #005a9c; }
.chart tr > :first-child { width: 10rem; }
.chart td { padding-top: .15rem; padding-bottom: .15rem; }
.chart .beside { display: flex; align-items: center; gap: .6rem; }
.beside > :first-child { flex: 0 0 3.5rem; text-align: right; }
.beside .track { flex: 1; height: 1.1rem; background: none; }
a { color: #005a9c; }
@media (max-width: 40rem) { body { padding: .6rem; } th, td { padding: .3rem .4rem; }
  .card { padding: .5rem .7rem; } dl.pairs { grid-template-columns: 1fr; gap: 0; }
  dl.pairs dd { margin-bottom: .4rem; } }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } .card, tr { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; } a { color: inherit; text-decoration: none; } .wide { overflow: visible; } }
@page { margin: 15mm; }
"""
# Status -> class of the style sheet and sign, so that nothing is told by colour alone.
MARKS = {
    "해결": ("good", "✓"),
    "통과": ("good", "✓"),
    "일부 해결": ("part", "△"),
    "확인 필요": ("bad", "✕"),
    "채점 대기": ("wait", "…"),
}


def page(title: str, body: str) -> str:
    """A whole document with ``body`` (HTML) under the heading ``title`` (text)."""
    style = _STYLE % {"fonts": FONT_FAMILY}
    return (
        '<!DOCTYPE html>\n<html lang="ko">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{shown(title)}</title>\n<style>{style}</style>\n'
        f"</head>\n<body>\n<header><h1>{shown(title)}</h1></header>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def clean(text: object, limit: int = _CUT, paths: bool = False) -> str:
    """``text`` for a page or a table: bounded, without control signs and, unless ``paths``, without local paths."""
    whole = str(text)
    kept = _CONTROL.sub("\ufffd", whole[:limit].replace("\r\n", "\n").replace("\r", "\n"))
    if not paths:
        kept = _without_paths(kept)
    return kept + (f" ... (모두 {len(whole):,}자)" if len(whole) > limit else "")


def _without_paths(kept: str) -> str:
    for folder in {str(Path.home()), str(Path.cwd())} - {"/", "."}:
        kept = kept.replace(folder, "(경로)")
    return _PATH.sub("(경로)", kept)


def shown(text: object, limit: int = _CUT) -> str:
    """``clean`` text as HTML, on the line that it stands in."""
    return escape(clean(text, limit))


def lines(text: object) -> str:
    """The same, its line breaks kept."""
    return shown(text).strip().replace("\n", "<br>")


def code_box(text: object, paths: bool = False) -> str:
    """Somebody's text letter for letter, in a box of its own; ``paths``: also those that look like this machine's."""
    return f"<pre>{escape(clean(text, paths=paths))}</pre>"


def mark(status: str) -> str:
    """A status of ``MARKS`` as sign and word."""
    look, sign = MARKS[status]
    return f'<span class="mark {look}"><span aria-hidden="true">{sign}</span> {status}</span>'


def number(value: float) -> str:
    """At most two decimals, without needless ones: ``3``, ``3.5``."""
    return f"{round(float(value), 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def bar(share: float) -> str:
    """A share of 0 to 1 as a bar, for the eye only: the number stands beside it."""
    return (
        f'<span class="track" aria-hidden="true"><span style="width:{100 * min(max(share, 0), 1):.1f}%"></span></span>'
    )


def bar_table(caption: str, headers: tuple[str, str], rows: Sequence[tuple[str, int, str]]) -> str:
    """A bar chart of counts: name, count and its unit a row. Read aloud it is the numbers."""
    most = max([count for _, count, _ in rows], default=0) or 1
    cells = [
        [shown(name), f'<div class="beside"><span>{count}{shown(unit)}</span>{bar(count / most)}</div>']
        for name, count, unit in rows
    ]
    return f'<div class="chart">{table(caption, headers, cells)}</div>'


def table(caption: str, headers: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """An accessible table. ``caption`` and ``headers`` are text, cells are HTML; ``numbers``: columns set right."""

    def look(column: int) -> str:
        return ' class="number"' if column in numbers else ""

    head = "".join(f'<th scope="col"{look(i)}>{shown(text)}</th>' for i, text in enumerate(headers))
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row"{look(i)}>{cell}</th>' if not i else f"<td{look(i)}>{cell}</td>"
            for i, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{shown(caption)}"><table><caption>{shown(caption)}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def pairs(rows: Sequence[tuple[str, str]]) -> str:
    """Names (text) and what belongs to them (HTML)."""
    inner = "".join(f"<dt>{shown(name)}</dt><dd>{value}</dd>" for name, value in rows)
    return f'<dl class="pairs">{inner}</dl>'


def write_page(path: Path, document: str) -> Path:
    """Write a document under ``path``; an older one is replaced only when the new one is whole.

    Raises:
        CourseError: it cannot be written.
    """
    data = document.encode("utf-8", "replace")
    with part_file(path, len(data)) as part:
        part.write_bytes(data)
    return path
