"""One set of the decoding explorer's sliders: temperature, top-k, top-p, greedy."""

from __future__ import annotations

import math
from collections.abc import Callable

import ipywidgets as widgets

from course_utils.candidates import Settings
from course_utils.explorer_view import hints_html

LABEL = {"description_width": "56px"}
WIDTH = "300px"


class SettingsPanel:
    """The controls of one set of settings."""

    def __init__(self, settings: Settings, size: int, changed: Callable[[], None]) -> None:
        """``size``: V, the largest useful k. ``changed``: called after every change.

        Raises:
            CourseValueError: settings that ``decode_step`` does not take.
        """
        settings.probabilities([0.0])
        wide = widgets.Layout(width=WIDTH)
        power = math.log10(settings.temperature)
        self.temperature = widgets.FloatLogSlider(
            value=settings.temperature,
            min=min(-1, power),
            max=max(1, power),
            step=0.02,
            description="온도",
            readout_format=".3g",
            style=LABEL,
            layout=wide,
        )
        self.top_k = widgets.SelectionSlider(
            options=k_options(size, settings.top_k),
            value=settings.top_k,
            description="top-k",
            style=LABEL,
            layout=wide,
        )
        self.top_p = widgets.FloatSlider(
            value=settings.top_p,
            min=min(0.01, settings.top_p),
            max=1,
            step=0.01,
            description="top-p",
            readout_format=".2f",
            style=LABEL,
            layout=wide,
        )
        self.greedy = widgets.Checkbox(
            value=settings.greedy, description="탐욕적 디코딩 (항상 1위만)", indent=False, layout=wide
        )
        self.name = widgets.HTML("")
        self.controls = (self.temperature, self.top_k, self.top_p, self.greedy)
        for control in self.controls:
            control.observe(lambda _: changed(), names="value")
        self.picture = widgets.HTML("", layout=widgets.Layout(flex="1 1 460px", min_width="300px"))
        self.hints = widgets.HTML(hints_html(), layout=wide)
        column = widgets.VBox((self.name, *self.controls, self.hints), layout=widgets.Layout(flex="0 0 auto"))
        self.box = widgets.Box((column, self.picture), layout=widgets.Layout(flex_flow="row wrap", width="100%"))

    def arrange(self, name: str, shown: bool) -> None:
        """``name``: empty when the panel stands alone, with its picture at its side; named panels are upright."""
        self.name.value = name
        self.name.layout.display = None if name else "none"
        self.hints.layout.display = "none" if name else None
        self.box.layout.flex_flow = "column" if name else "row wrap"
        self.box.layout.display = None if shown else "none"

    @property
    def settings(self) -> Settings:
        """What the controls say now."""
        temperature = float(f"{self.temperature.value:.4g}")  # the slider computes 10**x: 0.7 comes as 0.70000001
        return Settings(temperature, self.top_k.value, round(self.top_p.value, 4), self.greedy.value)


def k_options(size: int, chosen: int = 0) -> list[tuple[str, int]]:
    """What k's slider offers for ``size`` tokens, finer where k is small: (label, k), first 0, which is off."""
    steps = [*range(1, 21), *range(25, 51, 5), *range(60, 101, 10), 150, 200, 300, 500]
    steps += [digit * 10**power for power in range(3, 7) for digit in (1, 2, 5)]
    offered = sorted({k for k in steps if k < size} | ({chosen} - {0}))
    return [("끔", 0), *((f"{k:,}", k) for k in offered)]
