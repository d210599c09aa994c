"""Are all links of the course well formed, and, with --live, do they still lead somewhere?

    python -m tools.check_links                 # offline: form, files, headings; for every change
    python -m tools.check_links --live          # asks every address, once a week; writes Markdown
    python -m tools.check_links --live --summary links.md --timeout 10

Read are the READMEs, docs, notebooks and the addresses in the package's messages. Exit status 1: something is wrong.
"""

import argparse
import json
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools.live_links import ask_all, report
from tools.markdown_text import github_anchors, jupyter_anchors, soup_of
from tools.stamp_repository import current_repository

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["README*.md", "CHANGELOG.md", "docs/**/*.md", "course_utils/assets/**/*.md"]
NOTEBOOKS = ["notebooks/*.ipynb", "exercises/*/*.ipynb", "solutions/*/*.ipynb"]
# An address in the package's messages; one that is put together at run time ends in a brace.
_ADDRESS = re.compile(r"https?://[\w.-]+\.[a-z]{2,}(?::\d+)?(?:/[\w.~:?#@!$&*+;=%/-]*)?(?![\w{/])", re.ASCII)
_NEEDED = ["a", "img", *(f"h{level}" for level in range(1, 7))]
_MACHINE = re.compile(r"^(?:file:|/|~|[A-Za-z]:\\|https?://(?:localhost|127\.|0\.0\.0\.0|192\.168\.|10\.))")
_NAMES_FOR_EXAMPLES = ("example.com", "example.org", "example.net")  # RFC 2606: they lead nowhere on purpose
_OWN = re.compile(r"(?:github\.com|colab\.research\.google\.com/github|raw\.githubusercontent\.com)/([^/]+/[^/#?]+)")


@dataclass(frozen=True)
class Link:
    """One link: where it stands, relative to the project, and where it leads."""

    place: str
    target: str


@cache
def _parts(markdown: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The headings of a text, and where its links and pictures come from."""
    elements = soup_of(markdown).find_all(_NEEDED)
    headings = tuple(one.get_text() for one in elements if one.name[0] == "h")
    named = ((one, "src" if one.name == "img" else "href") for one in elements if one.name[0] != "h")
    return headings, tuple(one[name] for one, name in named if one.has_attr(name))


def _text(path: Path) -> list[str]:
    if path.suffix == ".ipynb":
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return [path.read_text(encoding="utf-8")]


def anchors(path: Path) -> set[str]:
    """The fragments that a page or notebook has."""
    headings = [heading for text in _text(path) for heading in _parts(text)[0]]
    return jupyter_anchors(headings) | github_anchors(headings) if path.suffix == ".ipynb" else github_anchors(headings)


def links(root: Path = ROOT) -> list[Link]:
    """Every link of the course, in the order of the files."""
    found = []
    for path in (path for pattern in (*PAGES, *NOTEBOOKS) for path in sorted(root.glob(pattern))):
        place = path.relative_to(root).as_posix()
        found += [Link(place, target) for text in _text(path) for target in _parts(text)[1]]
    for path in sorted(root.glob("course_utils/**/*.py")):
        addresses = _ADDRESS.findall(path.read_text(encoding="utf-8"))
        found += [Link(path.relative_to(root).as_posix(), address.rstrip(".")) for address in addresses]
    return list(dict.fromkeys(found))


def wrong_inside(root: Path, link: Link) -> str:
    """What is wrong with a link to a file or heading of the project; empty when all is well."""
    name, _, fragment = link.target.partition("#")
    here = root / link.place
    there = (here.parent / unquote(name)).resolve() if name else here
    if not there.is_relative_to(root.resolve()):
        return "leads out of the project"
    if not there.exists():
        return "no such file"
    if fragment and there.suffix in (".md", ".ipynb") and unquote(fragment) not in anchors(there):
        return "no such heading"
    return ""


def wrong_outside(link: Link, repository: str) -> str:
    """What is wrong with the form of an address; empty when all is well."""
    try:
        parts = urlsplit(link.target)
        host = parts.hostname or ""
    except ValueError:
        return "no address at all"
    if parts.scheme != "https":
        return "not https"
    if not re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", host) or re.search(r"\s", link.target):
        return "no address at all"
    own = _OWN.search(link.target)
    if own and "/blob/main/" in link.target and own[1] != repository:
        return f"not the project's own address {repository}"
    return ""


def two_spellings(found: list[Link]) -> list[str]:
    """Addresses that differ only in http, www, capitals of the host or a slash at the end."""
    spellings: dict[str, dict[str, str]] = {}
    for link in found:
        if link.target.startswith("http"):
            parts = urlsplit(link.target)
            plain = (
                f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}#{parts.fragment}"
            )
            spellings.setdefault(plain, {})[link.target] = link.place
    return [
        "two spellings of one address: " + ", ".join(f"{target} ({place})" for target, place in same.items())
        for same in spellings.values()
        if len(same) > 1
    ]


def problems(root: Path = ROOT) -> list[str]:
    """All that is wrong with the form of the project's links."""
    found, repository, said = links(root), current_repository(root), []
    for link in found:
        if link.target.startswith("mailto:"):
            continue
        if link.place.endswith(".py"):  # an address of a server on this machine is what these are about
            wrong = wrong_outside(link, repository) if link.target.startswith("https:") else ""
        elif _MACHINE.match(link.target):
            wrong = "leads to one machine"
        elif "://" in link.target:
            wrong = wrong_outside(link, repository)
        else:
            wrong = wrong_inside(root, link)
        if wrong:
            said.append(f"{link.place}: {wrong}: {unquote(link.target)}")
    return said + two_spellings(found)


def addresses(root: Path = ROOT) -> dict[str, list[str]]:
    """Address -> the files that name it; without the project's own until it has one, and without examples."""
    unknown = current_repository(root) == "OWNER/REPO"
    found: dict[str, list[str]] = {}
    for link in links(root):
        host = urlsplit(link.target).hostname or "" if link.target.startswith("https://") else ""
        if host and not host.endswith(_NAMES_FOR_EXAMPLES) and not (unknown and "OWNER/REPO" in link.target):
            found.setdefault(link.target, []).append(link.place)
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check the links of the course.")
    parser.add_argument("--live", action="store_true", help="ask every address over the network")
    parser.add_argument("--summary", type=Path, help="also write the result of --live to this Markdown file")
    parser.add_argument("--timeout", type=float, default=20.0, help="seconds for one answer (default: 20)")
    chosen = parser.parse_args(arguments)
    said = problems()
    print(f"{len(links())} links, {len(said)} problems of form", *said, sep="\n  ")
    if not chosen.live:
        return int(bool(said))
    answers = ask_all(addresses(), timeout=chosen.timeout)
    text = report(answers)
    print(text)
    if chosen.summary:
        chosen.summary.write_text(text, encoding="utf-8")
    return int(bool(said) or any(answer.dead for answer in answers))


if __name__ == "__main__":
    sys.exit(main())
