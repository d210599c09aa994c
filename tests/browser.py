"""A real Chromium for tests: found on this machine, started through playwright without downloading anything."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def browser_path() -> str:
    """The browser that COURSE_BROWSER names, else one on the path; skips where there is none.

    CI sets COURSE_BROWSER, so that there a missing browser is a failure and no test is skipped unseen.
    """
    if wanted := os.environ.get("COURSE_BROWSER"):
        found = shutil.which(wanted)
        assert found, f"COURSE_BROWSER names no program that can be started: {wanted}"
        return found
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium or Chrome on this machine")
    return found


@contextmanager
def chromium(**options) -> Iterator:
    """A headless playwright ``Browser``; ``options`` go to its ``launch()``."""
    path = browser_path()
    from playwright.sync_api import sync_playwright

    # --no-sandbox: containers run as root. --disable-dev-shm-usage: their shared memory is often small.
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments, **options)
        try:
            yield browser
        finally:
            browser.close()


# What older JupyterLabs, and JupyterLab's half of ipywidgets 7, complain of with no widget of ours on the page:
# versions of each other's parts, and a channel that JupyterLab 4 tries first. (It also breaks off saving the layout.)
OF_JUPYTERLAB = (
    "Unsatisfied version",
    "No satisfying version",
    "Language pack",
    'Failed to fetch ipywidgets through the "jupyter.widget.control" comm channel',
)


def watch(page) -> list[str]:
    """A list that fills with whatever ``page`` complains about: errors, warnings, requests that fail."""
    said: list[str] = []

    def console(message):
        if message.type in ("error", "warning") and not message.text.startswith(OF_JUPYTERLAB):
            said.append(message.text)

    def failed(request):
        if "/lab/api/workspaces/" not in request.url:
            said.append(f"failed: {request.url[:80]}")

    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("console", console)
    page.on("requestfailed", failed)
    return said


def korean_page(body: str) -> str:
    """A whole document in which ``body`` stands without a margin."""
    head = '<!DOCTYPE html><html lang="ko"><meta charset="utf-8"><title>그림</title>'
    return f'{head}<body style="margin:0">{body}</body></html>'


def save_screenshot(page, name: str) -> None:
    """For people to look at: into the folder that COURSE_SCREENSHOTS names, if it names one."""
    if folder := os.environ.get("COURSE_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
