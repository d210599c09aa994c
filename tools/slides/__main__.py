"""The command: see `tools.slides`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbconvert.exporters import SlidesExporter
from nbconvert.preprocessors import TagRemovePreprocessor

from tools.run_notebooks import NOTEBOOKS
from tools.slides.deck import OUTPUT_ONLY, slides_of
from tools.slides.libraries import LibraryError, put_libraries

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = Path(__file__).parent / "template"
LIBRARY_FOLDER = "libraries"


def slides_html(notebook: nbformat.NotebookNode, name: str) -> str:
    """The page of one lesson's slides; it needs the folder LIBRARY_FOLDER beside it, and nothing else."""
    exporter = SlidesExporter(
        template_name="course",
        extra_template_basedirs=[str(TEMPLATES)],
        reveal_url_prefix=LIBRARY_FOLDER,
        reveal_theme="white",
    )
    exporter.language_code = "ko"
    exporter.register_preprocessor(TagRemovePreprocessor(remove_input_tags={OUTPUT_ONLY}), enabled=True)
    page, _ = exporter.from_notebook_node(slides_of(notebook), resources={"metadata": {"name": name}})
    return page


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.slides", description="Slides of the lessons.")
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 04; all when none is named")
    parser.add_argument("--out", type=Path, default=ROOT / "slides", help="folder for the pages (default: slides)")
    options = parser.parse_args(arguments)
    every = sorted(NOTEBOOKS.glob("*.ipynb"))
    paths = [path for path in every if not options.lessons or path.name.startswith(tuple(options.lessons))]
    if not paths:
        parser.error(f"no lesson begins with {', '.join(options.lessons)}")
    try:
        put_libraries(options.out / LIBRARY_FOLDER)
    except LibraryError as error:
        print(f"reveal.js and MathJax are fetched once, with a network: {error}", file=sys.stderr)
        return 1
    for path in paths:
        target = options.out / f"{path.stem}.html"
        target.write_text(slides_html(nbformat.read(path, as_version=4), path.stem), encoding="utf-8")
        print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
