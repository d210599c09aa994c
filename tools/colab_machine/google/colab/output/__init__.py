"""``google.colab.output``: what widgets of other packages need to be shown."""

from google.colab.output import _widgets
from google.colab.output._widgets import disable_custom_widget_manager, enable_custom_widget_manager

__all__ = ["_widgets", "clear", "disable_custom_widget_manager", "enable_custom_widget_manager"]


def clear(wait: bool = False, output_tags: object = ()) -> None:
    """Remove the running cell's output."""
    from IPython.display import clear_output

    clear_output(wait=wait)
