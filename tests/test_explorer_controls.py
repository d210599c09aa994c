"""The explorer's controls: what the sliders offer, and that every control is named in full."""

import re

import ipywidgets as widgets

from course_utils import load_pipeline
from course_utils.explorer import DecodingExplorer
from course_utils.explorer_controls import k_options, p_options, temperature_options


def every(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from every(child)


def test_every_control_has_a_name_and_room_for_it():
    shown = DecodingExplorer(load_pipeline("mini"))
    controls = [widget for widget in every(shown.box) if hasattr(widget, "description")]
    controls = [widget for widget in controls if not isinstance(widget, widgets.HTML)]
    assert len(controls) == 17
    for control in controls:
        assert re.search("[가-힣]|^top-[kp]$", control.description), control
    for control in controls:
        if hasattr(control.style, "description_width") and not isinstance(control, widgets.Checkbox):
            # A Hangul letter is about as wide as the font is high: 13 pixels.
            assert int(control.style.description_width.removesuffix("px")) >= 13 * len(control.description) - 13


def test_sliders_offer_what_a_vocabulary_of_any_size_needs():
    assert k_options(1) == [("끔", 0)]
    assert [k for _, k in k_options(12)] == list(range(12))
    large = [k for _, k in k_options(102_400)]
    assert {0, 1, 10, 50, 100, 1000, 100_000} <= set(large) and len(large) < 60 and large == sorted(large)
    assert ("37", 37) in k_options(102_400, 37) and ("200,000", 200_000) in k_options(102_400, 200_000)
    assert {0.001, 0.1, 0.7, 1, 2, 10} <= {value for _, value in temperature_options()}
    assert p_options()[-1] == ("끔", 1) and {0.5, 0.9, 0.95} <= {value for _, value in p_options()}
    for options in (temperature_options(0.73), p_options(0.123)):
        values = [value for _, value in options]
        assert values == sorted(set(values)) and {0.73, 0.123} & set(values)
