"""What ipywidgets leaves out for people who use a keyboard or a screen reader, added to the course's widgets.

ipywidgets gives its sliders no name, tells the number of a choice instead of the choice, and shows the focus by a thin
pale line; its HTML widget replaces status lines as a whole, which screen readers then pass over in silence. A few lines
of JavaScript put that right. Where they do not run, the widgets work as ipywidgets made them.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import ipywidgets as widgets

CLASS = "course-widget"
CHOICES = "course-choices"  # a slider over ready-made values: its readout looks as if one could type into it
TALK = "course-talk"
_VIEW_MIME = "application/vnd.jupyter.widget-view+json"
# A dark ring in a white one: at least 3:1 on any ground. Nothing slides or fades where that is unwanted.
STYLE = f"""
.{CLASS} :is(button, input, select, textarea, [tabindex], .noUi-handle, .widget-readout):focus-visible {{
  outline: 3px solid #005a9c !important; outline-offset: 1px; box-shadow: 0 0 0 6px #fff !important; }}
@media (prefers-reduced-motion: reduce) {{
  .{CLASS}, .{CLASS} * {{ animation: none !important; transition: none !important; }} }}
"""
# For the sliders of ipywidgets 8 (noUiSlider) and 7 (jQuery UI, whose handle has no role at all).
_WATCH = f"""
const set = (node, name, value) => {{ if (node.getAttribute(name) !== value) node.setAttribute(name, value); }};
const tend = root => {{
  for (const slider of root.querySelectorAll('.{CLASS} .widget-slider')) {{
    const handle = slider.querySelector('.noUi-handle, .ui-slider-handle');
    const label = slider.querySelector('.widget-label'), readout = slider.querySelector('.widget-readout');
    if (!handle || !label) continue;
    const name = label.textContent.trim();
    set(handle, 'aria-label', name);
    if (!handle.matches('.noUi-handle')) {{
      set(handle, 'role', 'slider');
      set(handle, 'aria-valuemin', '0');
      set(handle, 'aria-valuemax', '100');
      set(handle, 'aria-valuenow', String(parseFloat(handle.style.left) || 0));
    }}
    if (!readout) continue;
    set(handle, 'aria-valuetext', readout.textContent.trim());
    if (slider.matches('.{CHOICES}')) set(readout, 'contenteditable', 'false');
    else {{ set(readout, 'role', 'textbox'); set(readout, 'aria-label', name + ' 값'); }}
  }}
  for (const talk of root.querySelectorAll('.{CLASS} .{TALK}')) {{  // it scrolls: without a place to stand, mice only
    set(talk, 'tabindex', '0'); set(talk, 'role', 'region'); set(talk, 'aria-label', '대화');
  }}
  for (const label of root.querySelectorAll('.{CLASS} [title="null"]')) label.removeAttribute('title');
  for (const line of root.querySelectorAll('.{CLASS} .widget-html-content :is([role=status], [role=alert])')) {{
    const holder = line.closest('.widget-html-content');
    set(holder, 'aria-live', line.getAttribute('role') === 'alert' ? 'assertive' : 'polite');
    line.removeAttribute('role');
  }}
}};
const watch = root => {{
  const observer = new MutationObserver(() => tend(root));
  observer.observe(root, {{subtree: true, childList: true, characterData: true,
    attributeFilter: ['aria-valuetext', 'title', 'style', 'class']}});
  tend(root);
  return () => observer.disconnect();
}};
"""
_MODULE = f"""{_WATCH}
function render({{ el }}) {{
  let stop = () => {{}}, tries = 0, timer = 0;
  const begin = () => {{  // the box that holds this element is put together later
    const box = el.closest('.{CLASS}');
    if (box) stop = watch(box.parentElement || box);
    else if (tries++ < 100) timer = setTimeout(begin, 50);
  }};
  begin();
  return () => {{ clearTimeout(timer); stop(); }};
}}
export default {{ render }};
"""


def tended(box: widgets.Box) -> widgets.Box:
    """The outermost ``box`` of a widget, looked after; call it once."""
    box.add_class(CLASS)
    box.children += () if _on_colab() else _helper()
    return box


def mimebundle(box: widgets.Box, text: str, html: str) -> dict[str, Any]:
    """What a notebook shows of the widget ``box``: live, or ``html`` where no Python runs, or ``text``."""
    if _on_colab():  # all outputs of a cell share one page there, and it needs no widget of anybody else
        from IPython.display import HTML, display

        display(HTML(f"<style>{STYLE}</style><script>{{{_WATCH} watch(document.body);}}</script>"))
    return {
        "text/plain": text,
        "text/html": html,
        _VIEW_MIME: {"version_major": 2, "version_minor": 0, "model_id": box.model_id},
    }


def _on_colab() -> bool:
    return "google.colab" in sys.modules


def _helper() -> tuple[Any, ...]:
    """The widget that carries the JavaScript and shows nothing; none where anywidget is not installed."""
    try:
        kind = _helper_class()
    except ImportError:
        return ()
    return (kind(layout=widgets.Layout(display="none")),)


@cache
def _helper_class() -> type:
    import anywidget

    return type("WidgetAccess", (anywidget.AnyWidget,), {"_esm": _MODULE, "_css": STYLE})
