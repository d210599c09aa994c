"""Colab draws widgets of other packages once their manager is switched on; anywidget reads ``_installed_url``."""

_MANAGER = "https://ssl.gstatic.com/colaboratory-static/widgets/colab-cdn-widget-manager/stand-in/manager.min.js"
_VIEW = "application/vnd.jupyter.widget-view+json"
_installed_url = None


def enable_custom_widget_manager(version: str = "5.0.0a") -> None:
    """From now on displayed widgets say by which manager the browser shall draw them."""
    _install(_MANAGER)


def disable_custom_widget_manager() -> None:
    """Only Colab's built-in widgets are drawn again."""
    _install(None)


def _install(url: str | None) -> None:
    global _installed_url
    import IPython

    publisher = IPython.get_ipython().display_pub
    if url and not _installed_url:
        publisher.register_hook(_named_manager)
    elif _installed_url and not url:
        publisher.unregister_hook(_named_manager)
    _installed_url = url


def _named_manager(message: dict) -> dict:
    content = message.get("content") or {}
    if _installed_url and content.get("data", {}).get(_VIEW):
        metadata = content.setdefault("metadata", {}).setdefault(_VIEW, {})
        metadata["colab"] = {"custom_widget_manager": {"url": _installed_url}}
    return message
