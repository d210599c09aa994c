"""What the course adds to ipywidgets: where it travels, and that it works on the sliders of ipywidgets 7, too."""

import sys
from types import ModuleType

import ipywidgets as widgets
import pytest
from browser import chromium, korean_page

from course_utils import widget_access
from course_utils.widget_access import CLASS, mimebundle, tended


@pytest.fixture
def colab(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))


def shown_beside(monkeypatch, box):
    """What is displayed beside the widget when it shows itself."""
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    bundle = mimebundle(box, "글", "<p>표</p>")
    assert bundle["text/plain"] == "글" and bundle["text/html"] == "<p>표</p>"
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == box.model_id
    return [one.data for one in shown]


def test_in_jupyterlab_a_widget_without_a_picture_carries_it(monkeypatch):
    box = tended(widgets.VBox([widgets.Label("a")]))
    assert CLASS in box._dom_classes and len(box.children) == 2
    assert box.children[1].layout.display == "none" and "aria-label" in box.children[1]._esm
    assert shown_beside(monkeypatch, box) == []  # a saved notebook keeps no script


def test_on_colab_a_script_carries_it_and_no_widget_of_others_is_needed(monkeypatch, colab):
    box = tended(widgets.VBox([widgets.Label("a")]))
    assert len(box.children) == 1 and CLASS in box._dom_classes
    [script] = shown_beside(monkeypatch, box)
    assert script.startswith("<style>") and "aria-label" in script


def test_without_anywidget_the_widgets_still_work(monkeypatch):
    widget_access._helper_class.cache_clear()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    assert len(tended(widgets.VBox([widgets.Label("a")])).children) == 1
    widget_access._helper_class.cache_clear()


SEVEN = f"""<div class="{CLASS}"><div class="widget-slider widget-inline-hbox"><label class="widget-label">온도</label>
<div class="ui-slider"><span tabindex="0" class="ui-slider-handle"
style="left: 30%; display: inline-block; width: 9px; height: 9px"></span></div>
<div class="widget-readout" contenteditable="true">0.30</div></div>
<div class="widget-html-content"><div role="alert">오류</div></div></div>"""


@pytest.mark.browser
def test_sliders_of_ipywidgets_7_get_their_role_name_and_value(monkeypatch, colab):
    [script] = shown_beside(monkeypatch, tended(widgets.VBox()))
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(korean_page(SEVEN + script))
        slider, line = page.get_by_role("slider", name="온도"), page.locator(".widget-html-content")
        assert [slider.get_attribute(f"aria-value{what}") for what in ("now", "text")] == ["30", "0.30"]
        assert line.get_attribute("aria-live") == "assertive"
        page.evaluate("document.querySelector('.widget-readout').textContent = '0.40'")
        page.wait_for_selector("[aria-valuetext='0.40']", state="attached")
        line.evaluate("node => node.innerHTML = '<div role=status>됨</div>'")
        page.wait_for_selector(".widget-html-content[aria-live=polite]", state="attached")
        page.get_by_role("slider").focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        assert slider.evaluate("node => getComputedStyle(node).outlineWidth") == "3px"
