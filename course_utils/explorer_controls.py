"""One set of the decoding explorer's sliders: temperature, top-k, top-p, greedy."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from course_utils.candidates import Settings
from course_utils.explorer_view import hints_html
from course_utils.widget_access import CHOICES

LABEL = {"description_width": "56px"}
WIDTH = {"width": "300px", "max_width": "calc(100% - 4px)"}  # less the margins that ipywidgets adds


class SettingsPanel:
    """The controls of one set of settings."""

    def __init__(self, settings: Settings, size: int, changed: Callable[[], None]) -> None:
        """``size``: V, the largest useful k. ``changed``: called after every change.

        Raises:
            CourseValueError: settings that ``decode_step`` does not take.
        """
        settings.probabilities([0.0])
        self.temperature = _slider("온도", temperature_options(settings.temperature), settings.temperature)
        self.top_k = _slider("top-k", k_options(size, settings.top_k), settings.top_k)
        self.top_p = _slider("top-p", p_options(settings.top_p), settings.top_p)
        self.greedy = widgets.Checkbox(
            value=settings.greedy,
            description="탐욕적 디코딩(항상 1등만)",
            indent=False,
            layout=widgets.Layout(**WIDTH),
        )
        self.name = widgets.HTML("")
        self.controls = (self.temperature, self.top_k, self.top_p, self.greedy)
        for control in self.controls:
            control.observe(lambda _: changed(), names="value")
        self.picture = widgets.HTML("", layout=widgets.Layout(min_width="0", max_width="100%"))
        self.hints = widgets.HTML(hints_html(), layout=widgets.Layout(**WIDTH))
        column = widgets.VBox(
            (self.name, *self.controls, self.hints), layout=widgets.Layout(flex="0 1 auto", max_width="100%")
        )
        self.box = widgets.Box((column, self.picture), layout=widgets.Layout(min_width="0", max_width="100%"))

    def arrange(self, name: str, shown: bool) -> None:
        """``name``: empty when the panel stands alone, with its picture at its side; named panels are upright."""
        self.name.value = name
        self.name.layout.display = None if name else "none"
        self.hints.layout.display = "none" if name else None
        self.box.layout.flex_flow = "column" if name else "row wrap"
        self.box.layout.flex = "1 1 320px" if name else "1 1 100%"  # two upright panels share a row where both fit
        self.picture.layout.flex = "0 0 auto" if name else "1 1 460px"
        self.box.layout.display = None if shown else "none"

    @property
    def settings(self) -> Settings:
        """What the controls say now."""
        return Settings(self.temperature.value, self.top_k.value, self.top_p.value, self.greedy.value)


def _slider(name: str, options: list[tuple[str, float]], value: float) -> widgets.SelectionSlider:
    """A slider over chosen values: it stops at round numbers, and its readout says when a step is off."""
    slider = widgets.SelectionSlider(
        options=options, value=value, description=name, style=LABEL, layout=widgets.Layout(**WIDTH)
    )
    slider.add_class(CHOICES)
    return slider


def temperature_options(chosen: float = 1.0) -> list[tuple[str, float]]:
    """What the temperature's slider offers, finer where it is used: (label, temperature)."""
    offered = {0.001, 0.01, 0.05, *(tenth / 10 for tenth in range(1, 21)), 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, chosen}
    return [(f"{temperature:g}", temperature) for temperature in sorted(offered)]


def p_options(chosen: float = 1.0) -> list[tuple[str, float]]:
    """What p's slider offers: (label, p), last 1, which is off."""
    offered = {0.01, 0.99, *(twentieth / 20 for twentieth in range(1, 20)), chosen} - {1}
    return [*((f"{p:g}", p) for p in sorted(offered)), ("끔", 1.0)]


def k_options(size: int, chosen: int = 0) -> list[tuple[str, int]]:
    """What k's slider offers for ``size`` tokens, finer where k is small: (label, k), first 0, which is off."""
    steps = [*range(1, 21), *range(25, 51, 5), *range(60, 101, 10), 150, 200, 300, 500]
    steps += [digit * 10**power for power in range(3, 7) for digit in (1, 2, 5)]
    offered = sorted({k for k in steps if k < size} | ({chosen} - {0}))
    return [("끔", 0), *((f"{k:,}", k) for k in offered)]
