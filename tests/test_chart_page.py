"""The page of a chart: the same bytes everywhere, no trace of matplotlib's settings, readable by everyone."""

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import chart_samples
import matplotlib
import numpy as np
import pytest

from course_utils.chart_page import AXIS, COLOURS, DASHES, HATCHES, INK, MARKERS, TEXT, VALUE
from course_utils.errors import CourseValueError

TESTS = Path(__file__).resolve().parent
samples = pytest.mark.parametrize("sample", chart_samples.ALL, ids=lambda make: make.__name__)


# --- the same everywhere ---

PRINT_ALL = """
import hashlib, sys
sys.path.insert(0, {root!r})
import chart_samples
for make in chart_samples.ALL:
    print(make.__name__, hashlib.sha256((make().svg + make().alt).encode()).hexdigest())
"""


def in_another_process(tmp_path, **variables):
    """What a fresh interpreter draws in which every warning is an error; its standard error must stay empty."""
    code = PRINT_ALL.format(root=str(TESTS))
    command = [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", code]
    environment = os.environ | {"MPLCONFIGDIR": str(tmp_path), "PYTHONHASHSEED": "7"} | variables
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    quiet = [row for row in done.stderr.splitlines() if "building the font cache" not in row]
    return dict(row.split() for row in done.stdout.splitlines()), quiet


def test_other_process_other_backend_and_odd_settings_draw_the_same_bytes_without_a_word(tmp_path):
    plain, said = in_another_process(tmp_path, MPLBACKEND="agg")
    assert said == [] and len(plain) == len(chart_samples.ALL)
    (tmp_path / "matplotlibrc").write_text(
        "font.family: No Such Font\nfigure.dpi: 217\nsavefig.dpi: 40\nsvg.fonttype: path\nsavefig.bbox: tight\n"
        "axes.grid: True\nlines.linewidth: 9\nfigure.facecolor: black\nsavefig.transparent: True\nsvg.hashsalt: x\n"
        "figure.constrained_layout.use: True\naxes.prop_cycle: cycler('color', ['r'])\npath.simplify: False\n"
        "text.usetex: False\nytick.labelsize: 40\nhatch.color: red\nhatch.linewidth: 7\naxes.unicode_minus: False\n",
        encoding="utf-8",
    )
    odd, said = in_another_process(tmp_path, MPLBACKEND="svg", MATPLOTLIBRC=str(tmp_path))
    assert said == [] and odd == plain


def settings():
    """matplotlib's settings; asking for the back end would choose one."""
    return {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"}


def test_learners_own_settings_stay_untouched_even_when_drawing_fails():
    with matplotlib.rc_context({"lines.linewidth": 7, "font.family": ["No Such Font"], "hatch.linewidth": 3}):
        before = settings()
        chart_samples.temperatures(), chart_samples.entropies()
        with pytest.raises(CourseValueError, match="막대 60개"):
            chart_samples.bars([1] * 60)
        assert settings() == before and before["lines.linewidth"] == 7


def test_no_window_system_is_ever_loaded():
    code = "import sys; from course_utils.figures import bar_chart; assert 'matplotlib' not in sys.modules\n"
    code += "bar_chart([1], {'a': [1]}, title='t', y_label='y')\n"
    code += "assert 'matplotlib.figure' in sys.modules and 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=TESTS.parent)


@samples
def test_last_digits_of_another_processor_change_nothing(sample):
    clean = sample()
    assert [sample(noise).svg == clean.svg and sample(noise).alt == clean.alt for noise in (1e-6, -1e-6, 3e-8)] == [
        True
    ] * 3


@samples
def test_document_holds_no_date_no_version_and_no_style_that_leaks(sample):
    svg = sample().svg
    assert not re.search(r"(?i)matplotlib|<style|<metadata|\d{4}-\d\d-\d\d|\bnan\b|inf\b", svg)
    assert not re.search(r"\d\.\d{3,}", svg.split("<text")[0]), "coordinates finer than a hundredth of a pixel"
    assert len(svg) < 40_000


# --- readable by everyone ---


def linear(channel):
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def rgb(colour):
    return np.array([linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5)])


def contrast_on_white(colour):
    """WCAG 2.2's contrast ratio."""
    return 1.05 / (rgb(colour) @ [0.2126, 0.7152, 0.0722] + 0.05)


def test_colours_have_enough_contrast_on_white():
    assert min(map(contrast_on_white, COLOURS)) >= 3 and contrast_on_white(AXIS) >= 3
    assert contrast_on_white(INK) >= 4.5
    assert contrast_on_white("#FFFFFF") == pytest.approx(1) and contrast_on_white("#000000") == pytest.approx(21)


# Machado, Oliveira, Fernandes (2009), severity 1.0.
DICHROMATS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


@pytest.mark.parametrize("kind", DICHROMATS)
def test_first_three_colours_differ_for_the_colour_blind(kind):
    seen = [np.clip(np.array(DICHROMATS[kind]) @ rgb(colour), 0, 1) ** (1 / 2.4) for colour in COLOURS[:3]]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 0.25


def test_series_differ_without_any_colour():
    for looks in (HATCHES, MARKERS, DASHES):
        assert len(set(looks)) == len(COLOURS)
    grouped, lined = chart_samples.six_groups().svg, chart_samples.six_lines().svg
    patterns = re.findall(r"<pattern.*?</pattern>", grouped, re.DOTALL)
    assert len({re.sub(r'#[0-9a-f]{6}|id="\w+"', "", pattern) for pattern in patterns}) == len(COLOURS) - 1
    markers = re.findall(r'<path id="\w+" d="([^"]*)"', lined)
    assert len(set(markers)) == len(COLOURS)
    assert len(set(re.findall(r"stroke-dasharray: ([\d.,]+)", lined))) == len(COLOURS) - 1
    assert min(TEXT, VALUE) >= 13
